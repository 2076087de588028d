using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Identity;
using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// How a <see cref="DqnAgent"/> acts and learns. The defaults are the notebook's, those of V. Mnih et al. (2015) for a
/// smaller memory. Steps are agent steps: one action each, however many frames it is repeated for, those of all
/// environments counted together.
/// </summary>
/// <example>
/// Double DQN with dueling streams and returns of three steps; all else as the task asks for:
/// <code>
/// DqnOptions options = Trainer.OptionsFor(environment.Spec, steps: 50_000) with
/// {
///     DoubleDqn = true,
///     NStep = 3,
///     Architecture = new ActionValueOptions { Dueling = true },
/// };
/// using DqnAgent agent = Trainer.Train(environment, steps: 50_000, options);
/// </code></example>
public sealed record DqnOptions
{
    /// <summary>
    /// How many environments act for the one learner, 1 … 1,024: <see cref="DqnAgent.Act(ReadOnlySpan{byte},
    /// Span{int}, ReadOnlySpan{bool})"/> acts in all of them at once. Source: V. Mnih et al., "Asynchronous methods for deep reinforcement
    /// learning" (2016), here in lockstep. Default 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int Environments
    {
        get;
        init => field = value is >= 1 and <= 1024 ? value : throw OutOfRange(nameof(Environments), value, "1 … 1024");
    } = 1;

    /// <summary>How often a random action is taken. Default: 1 → 0.1 over 1,000,000 steps.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public EpsilonSchedule Epsilon
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Epsilon));
    } = new();

    /// <summary>
    /// For how many steps a random action is kept up; null, the default, draws each step anew. ε is then how often one
    /// begins, the warm-up's included.
    /// </summary>
    public ExplorationDuration? ExplorationDuration { get; init; }

    /// <summary>γ, what a reward one step later counts, 0 … 1. Default 0.99.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Discount
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(Discount), value, "0 … 1");
    } = 0.99;

    /// <summary>How many transitions one update learns from, 1 … 65,536. Default 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int BatchSize
    {
        get;
        init => field = value is >= 1 and <= 65_536 ? value : throw OutOfRange(nameof(BatchSize), value, "1 … 65536");
    } = 32;

    /// <summary>For how many steps actions are random and nothing is learnt, at least 0. Default 5,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long WarmupSteps
    {
        get;
        init => field = value >= 0 ? value : throw OutOfRange(nameof(WarmupSteps), value, "at least 0");
    } = 5_000;

    /// <summary>
    /// How many frames' transitions the replay buffer keeps, at least 1; see
    /// <see cref="Replay.ReplayBuffer.Capacity"/>. Default 100,000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long BufferCapacity
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(BufferCapacity), value, "at least 1");
    } = 100_000;

    /// <summary>
    /// The target network becomes the online one, or moves towards it by <see cref="TargetUpdateRate"/>, every so many
    /// steps, at least 1. Default 10,000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long TargetUpdatePeriod
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(TargetUpdatePeriod), value, "at least 1");
    } = 10_000;

    /// <summary>
    /// τ, above 0 and at most 1: every <see cref="TargetUpdatePeriod"/> each parameter of the target network moves by τ
    /// of its distance to the online network's. Below 1, with a short period, the target network follows smoothly.
    /// Source: T. Lillicrap et al., "Continuous control with deep reinforcement learning" (2016). Default 1: it becomes
    /// the online one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double TargetUpdateRate
    {
        get;
        init => field = value is > 0 and <= 1 ? value
            : throw OutOfRange(nameof(TargetUpdateRate), value, "above 0 and at most 1");
    } = 1;

    /// <summary>
    /// Whether the target network's values of stored observations are kept until it is synchronised, instead of computed
    /// again with each draw, where that changes nothing (<see cref="TargetUpdateRate"/> of 1, no augmentation, no
    /// distribution). It takes 12 bytes and 4 per action for each frame of <see cref="BufferCapacity"/>: with 1,000 actions
    /// 4 kB a frame. Default true; false trades time for that memory.
    /// </summary>
    public bool CacheTargetValues { get; init; } = true;

    /// <summary>
    /// There are <see cref="UpdatesPerPeriod"/> updates every so many steps after the warm-up, at least 1. Default 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long UpdatePeriod
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(UpdatePeriod), value, "at least 1");
    } = 1;

    /// <summary>How many updates there are when they are due, at least 1. Default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int UpdatesPerPeriod
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(UpdatesPerPeriod), value, "at least 1");
    } = 1;

    /// <summary>
    /// n, at least 1: a target is the rewards of n steps, discounted, and the value of the state after them; fewer
    /// where the episode ends before. Source: R. Sutton, "Learning to predict by the methods of temporal differences" (1988);
    /// M. Hessel et al., "Rainbow" (2018) takes 3. Default 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int NStep
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(NStep), value, "at least 1");
    } = 1;

    /// <summary>
    /// <see cref="NStep"/> and <see cref="Discount"/> begin with other numbers and grow into those; null, the default: they
    /// stay. Source: M. Schwarzer et al., "Bigger, better, faster" (2023).
    /// </summary>
    public HorizonSchedule? Horizon { get; init; }

    /// <summary>
    /// The network forgets a part of what it learnt now and then, for many updates per step
    /// (<see cref="UpdatesPerPeriod"/>); null, the default: never. Source: E. Nikishin et al., "The primacy bias in deep
    /// reinforcement learning" (2022); M. Schwarzer et al., "Bigger, better, faster" (2023).
    /// </summary>
    public ResetOptions? Resets { get; init; }

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
    /// The learning rate over the steps; null, the default, leaves the network with what its optimizer has.
    /// </summary>
    public LearningRateSchedule? LearningRate { get; init; }

    /// <summary>
    /// How much of the average of the online network's parameters each update keeps, 0 … below 1; 0.999 averages over
    /// about the last 1,000 updates (and over all while there are fewer). Evaluated is then
    /// <see cref="DqnAgent.EvaluationNetwork"/>, the average, which drives more evenly than what the last batches left;
    /// learning does not notice. Source: B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by
    /// averaging" (1992), with exponential weights. Default 0: none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double EvaluationAverage
    {
        get;
        init => field = value is >= 0 and < 1 ? value
            : throw OutOfRange(nameof(EvaluationAverage), value, "0 … below 1");
    }

    /// <summary>
    /// Below 1, <see cref="DqnAgent.EvaluationNetwork"/> values actions by this part, the lowest, of the quantiles of their
    /// returns (<see cref="Values.ValueDistribution.AtRisk"/>): it shuns what may end badly. Acting in training, which
    /// should see such ends, and learning do not notice. Default 1: it values them as the network itself does.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and up to 1.</exception>
    public double EvaluationRisk
    {
        get;
        init => field = value is > 0 and <= 1 ? value
            : throw OutOfRange(nameof(EvaluationRisk), value, "above 0 and up to 1");
    } = 1;

    /// <summary>
    /// Samples transitions that surprised more often; null, the default, samples all alike. Source: T. Schaul et al.,
    /// "Prioritized experience replay" (2016).
    /// </summary>
    public PrioritizedReplayOptions? Prioritized { get; init; }

    /// <summary>
    /// Over how many steps <see cref="PrioritizedReplayOptions.ImportanceExponent"/> grows to 1, in a straight line, at
    /// least 0; the paper takes the whole training. Default 0: it stays.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long ImportanceSteps
    {
        get;
        init => field = value >= 0 ? value : throw OutOfRange(nameof(ImportanceSteps), value, "at least 0");
    }

    /// <summary>
    /// By how many pixels sampled observations are shifted at most, 0 … 255 and less than a frame has; see
    /// <see cref="Agents.RandomShift"/>. The paper's is 4. Default 0: not at all.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int RandomShift
    {
        get;
        init => field = value is >= 0 and <= 255 ? value : throw OutOfRange(nameof(RandomShift), value, "0 … 255");
    }

    /// <summary>
    /// For each action the one that it is in a mirror, for tasks in which left and right are alike: half of the sampled
    /// transitions are then mirrored; see <see cref="RandomMirror"/>. In CarRacing 0, 2, 1, 3, 4: steering is
    /// exchanged. Default empty: none is mirrored.
    /// </summary>
    public ImmutableArray<int> MirrorActions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// α, 0 … below 1: how much of what an action's value lacks to the best one's its target loses, which makes the gaps
    /// between actions 1 / (1 − α) times as wide; see <see cref="Agents.AdvantageLearning"/>. The paper's is 0.9. An
    /// alternative to <see cref="Munchausen"/>. Default 0: nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double AdvantageLearning
    {
        get;
        init => field = value is >= 0 and < 1 ? value
            : throw OutOfRange(nameof(AdvantageLearning), value, "0 … below 1");
    }

    /// <summary>
    /// Rewards actions also for how likely a policy that the target network implies takes them, and takes that policy's
    /// soft values, or quantiles; null, the default, does not. An alternative to <see cref="DoubleDqn"/>.
    /// </summary>
    public MunchausenOptions? Munchausen { get; init; }

    /// <summary>
    /// Whether the online network selects the next action that the target network values
    /// (<see cref="TemporalDifference.Select"/>). Default false.
    /// </summary>
    public bool DoubleDqn { get; init; }

    /// <summary>
    /// The optimizer (RMSProp, learning rate 0.00025), the loss (mean squared) and the threads of the network that
    /// <see cref="DqnAgent.Create"/> makes. A network given to the constructor has its own, and nothing else may be set here
    /// then.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public QNetworkOptions Network
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Network));
    } = new();

    /// <summary>
    /// What the network that <see cref="DqnAgent.Create"/> makes has beyond the plain one: dueling streams, layer
    /// normalisation, noisy layers, distributions. A network given to the constructor has to have it, too. Default:
    /// nothing.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public ActionValueOptions Architecture
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Architecture));
    } = new();

    /// <summary>
    /// For <see cref="OptionsJson.Read"/> of records that hold these options: what <c>"prioritized": {}</c> and the like
    /// are filled up with.
    /// </summary>
    public static IReadOnlyDictionary<string, JsonObject> JsonTemplates => DqnOptionsJson.Templates;

    /// <summary>All options as data: each by its name in camel case.</summary>
    public JsonObject ToJson() => OptionsJson.Write(this, DqnOptionsJson.Type);

    /// <summary>
    /// The options that <paramref name="json"/> holds, as <see cref="ToJson"/> names them; what it leaves out is as in
    /// <paramref name="defaults"/>. <c>{ "batchSize": 64, "prioritized": {} }</c> is enough.
    /// </summary>
    /// <param name="json">Some or all options.</param>
    /// <param name="defaults">For what is left out; null for the defaults.</param>
    /// <exception cref="InvalidDataException">
    /// An unknown name, or a value out of its range: the message says which, and what was expected.
    /// </exception>
    public static DqnOptions FromJson(JsonNode? json, DqnOptions? defaults = null) =>
        OptionsJson.Read(json, defaults ?? new DqnOptions(), DqnOptionsJson.Type, DqnOptionsJson.Templates);

    /// <summary>
    /// Over how many steps a target's rewards are summed at most: <see cref="NStep"/>, or what <see cref="Horizon"/> begins
    /// with.
    /// </summary>
    public int LongestReturn() => Math.Max(NStep, Horizon?.NStep ?? 1);

    /// <summary>Equal in every option.</summary>
    public bool Equals(DqnOptions? other) =>
        ReferenceEquals(this, other) || (other is not null && JsonNode.DeepEquals(ToJson(), other.ToJson()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(BatchSize, BufferCapacity, Discount, Environments, Epsilon);

    /// <summary>β after so many steps; null where transitions are not prioritized.</summary>
    internal double? ImportanceExponentAt(long steps)
    {
        if (Prioritized is null)
            return null;
        double start = Prioritized.ImportanceExponent;
        return ImportanceSteps == 0 ? start : start + (1 - start) * Math.Min(1, (double)steps / ImportanceSteps);
    }

    /// <summary>n and γ of the update that follows so many.</summary>
    internal (int NStep, double Discount) HorizonAt(long updates) =>
        Horizon?.At(Resets?.Since(updates) ?? updates, NStep, Discount) ?? (NStep, Discount);

    private static ArgumentOutOfRangeException OutOfRange(string property, object value, string expected) =>
        new(property, value, $"{nameof(DqnOptions)}.{property}: expected {expected}.");
}
