using System.Text.Json.Nodes;
using Dqn.Identity;
using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>
/// How a <see cref="PqnAgent"/> acts and learns. The defaults are those of M. Gallici et al., "Simplifying deep temporal
/// difference learning" (2024) for Atari. Steps are agent steps, those of all environments counted together.
/// </summary>
/// <example>
/// For a small task, 16 environments of numbers:
/// <code>
/// var options = new PqnOptions
/// {
///     Environments = 16,
///     RolloutSteps = 32,
///     BatchSize = 64,
///     Epsilon = new EpsilonSchedule(1, 0.05, 10_000),
/// };
/// using PqnAgent agent = PqnAgent.Create(environments.Spec, options, seed: 1);
/// </code></example>
public sealed record PqnOptions
{
    /// <summary>N: how many environments act in lockstep, 1 … 1,024. Default 128.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int Environments
    {
        get;
        init => field = value is >= 1 and <= 1024 ? value : throw OutOfRange(nameof(Environments), value, "1 … 1024");
    } = 128;

    /// <summary>
    /// T: how many steps each environment makes between two times of learning, 1 … 65,536. Their N · T transitions are
    /// the data of one time, and forgotten after it. Default 32.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int RolloutSteps
    {
        get;
        init => field = value is >= 1 and <= 65_536 ? value : throw OutOfRange(nameof(RolloutSteps), value, "1 … 65536");
    } = 32;

    /// <summary>How many times each transition is learnt from, at least 1. Default 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Epochs
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(Epochs), value, "at least 1");
    } = 2;

    /// <summary>
    /// How many transitions one update learns from, 1 … 65,536; N · T is a multiple of it. Default 128, the paper's 32
    /// minibatches of N · T = 4,096.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int BatchSize
    {
        get;
        init => field = value is >= 1 and <= 65_536 ? value : throw OutOfRange(nameof(BatchSize), value, "1 … 65536");
    } = 128;

    /// <summary>γ, what a reward one step later counts, 0 … 1. Default 0.99.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Discount
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(Discount), value, "0 … 1");
    } = 0.99;

    /// <summary>
    /// λ, 0 … 1: how far targets look ahead within the rollout (<see cref="LambdaReturns"/>). 0 is one step, 1 the whole
    /// rollout. Default 0.65.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Lambda
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(Lambda), value, "0 … 1");
    } = 0.65;

    /// <summary>How often a random action is taken. Default: 1 → 0.001 over 1,000,000 steps.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public EpsilonSchedule Epsilon
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Epsilon));
    } = new(1, 0.001, 1_000_000);

    /// <summary>
    /// For how many steps a random action is kept up; null, the default, draws each step anew. ε is then how often one
    /// begins.
    /// </summary>
    public ExplorationDuration? ExplorationDuration { get; init; }

    /// <summary>
    /// The learning rate over the steps; null, the default, leaves the network with what its optimizer has. All updates
    /// of one time of learning have the same.
    /// </summary>
    public LearningRateSchedule? LearningRate { get; init; }

    /// <summary>
    /// What rewards are multiplied with for learning, above 0 and finite: action values then have a size that suits the
    /// optimizer and the loss. Reported returns are never scaled. Default 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and finite.</exception>
    public double RewardScale
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value
            : throw OutOfRange(nameof(RewardScale), value, "above 0 and finite");
    } = 1;

    /// <summary>
    /// How much of the average of the network's parameters each update keeps, 0 … below 1; see
    /// <see cref="DqnOptions.EvaluationAverage"/>. Evaluated is then <see cref="PqnAgent.EvaluationNetwork"/>, the average.
    /// Default 0: none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double EvaluationAverage
    {
        get;
        init => field = value is >= 0 and < 1 ? value
            : throw OutOfRange(nameof(EvaluationAverage), value, "0 … below 1");
    }

    /// <summary>
    /// The optimizer (RAdam, learning rate 0.00025), the loss (mean squared), the longest gradient (10) and the threads of
    /// the network that <see cref="PqnAgent.Create"/> makes. A network given to the constructor has its own, and nothing
    /// else may be set here then.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public QNetworkOptions Network
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Network));
    } = new() { Optimizer = new RAdamOptions(), MaxGradientNorm = 10 };

    /// <summary>
    /// What the network that <see cref="PqnAgent.Create"/> makes has beyond the plain one. Without a target network it is
    /// layer normalisation that keeps bootstrapping from growing without end; distributions are for
    /// <see cref="DqnAgent"/>. A network given to the constructor has to have it, too. Default: layer normalisation.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public ActionValueOptions Architecture
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Architecture));
    } = new() { LayerNorm = true };

    /// <summary>N · T: how many transitions are learnt from at once.</summary>
    internal int RolloutTransitions => Environments * RolloutSteps;

    /// <summary>All options as data: each by its name in camel case.</summary>
    public JsonObject ToJson() => OptionsJson.Write(this, PqnOptionsJson.Type);

    /// <summary>
    /// The options that <paramref name="json"/> holds, as <see cref="ToJson"/> names them; what it leaves out is as in
    /// <paramref name="defaults"/>. <c>{ "lambda": 0.9, "explorationDuration": {} }</c> is enough.
    /// </summary>
    /// <param name="json">Some or all options.</param>
    /// <param name="defaults">For what is left out; null for the defaults.</param>
    /// <exception cref="InvalidDataException">
    /// An unknown name, or a value out of its range: the message says which, and what was expected.
    /// </exception>
    public static PqnOptions FromJson(JsonNode? json, PqnOptions? defaults = null) =>
        OptionsJson.Read(json, defaults ?? new PqnOptions(), PqnOptionsJson.Type, DqnOptionsJson.Templates);

    private static ArgumentOutOfRangeException OutOfRange(string property, object value, string expected) =>
        new(property, value, $"{nameof(PqnOptions)}.{property}: expected {expected}.");
}
