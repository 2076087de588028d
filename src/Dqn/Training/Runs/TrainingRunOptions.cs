using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Training;

/// <summary>How a training run goes. The defaults are the notebook's.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>The folder for everything the run leaves: <c>runs/NAME</c>. Made if need be.</summary>
    public required string Folder
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrEmpty(value, nameof(Folder));
            field = value;
        }
    }

    /// <summary>
    /// After how many agent steps training is over, at least 1. Default 1,000,000. A resumed run may have more.
    /// </summary>
    public long TotalSteps { get; init => field = AtLeastOne(value, nameof(TotalSteps)); } = 1_000_000;

    /// <summary>
    /// After how much time of training, evaluations and checkpoints aside, it is over if the steps are not done before;
    /// above 0. Such a run is not the same each time. Default null: no limit. A resumed run may have more.
    /// </summary>
    public TimeSpan? MaxTime { get; init => field = Above0(value, nameof(MaxTime)); }

    /// <summary>
    /// Seeds the training environment's first episode; see
    /// <see cref="TrainingLoop(Agents.IAgent, Environments.VectorEnvironment, ulong)"/> for several. Default 0.
    /// </summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Every how many agent steps, and after the last, the agent is evaluated; at least 1. Default 10,000.
    /// </summary>
    public long EvaluationInterval { get; init => field = AtLeastOne(value, nameof(EvaluationInterval)); } = 10_000;

    /// <summary>
    /// Every how many agent steps, and at the end, a checkpoint is saved; at least 1. Default 10,000.
    /// </summary>
    public long CheckpointInterval { get; init => field = AtLeastOne(value, nameof(CheckpointInterval)); } = 10_000;

    /// <summary>
    /// After how much time without a checkpoint one is saved as well, above 0; null for none. Default 5 minutes. It changes
    /// nothing of what is learnt.
    /// </summary>
    public TimeSpan? CheckpointTime { get; init => field = Above0(value, nameof(CheckpointTime)); } = TimeSpan.FromMinutes(5);

    /// <summary>Every how many agent steps metrics are written, at least 1. Default 1,000.</summary>
    public long MetricInterval { get; init => field = AtLeastOne(value, nameof(MetricInterval)); } = 1_000;

    /// <summary>
    /// The format of the best and the latest weights, by their files' extension: <c>.pt</c> (default) for PyTorch, or
    /// <c>.safetensors</c>.
    /// </summary>
    public string WeightsExtension
    {
        get;
        init => field = value is ".pt" or ".safetensors" ? value : throw new ArgumentOutOfRangeException(
            nameof(WeightsExtension), value, "Expected a weights extension of '.pt' or '.safetensors'.");
    } = ".pt";

    /// <summary>
    /// What the weights' files say besides the network's architecture and what it acts in (<see cref="NetworkFile"/>):
    /// beside a <see cref="WeightsExtension"/> of <c>.safetensors</c> alone, since a <c>.pt</c> keeps nothing but weights.
    /// Default null: nothing.
    /// </summary>
    public ImmutableDictionary<string, string>? WeightsMetadata { get; init; }

    /// <summary>
    /// For finding faults: makes an environment like those that are trained in, which <see cref="EnvironmentConformance"/>
    /// checks before the first step. Default null: nothing is checked.
    /// </summary>
    public Func<IEnvironment>? Conformance { get; init; }

    /// <summary>
    /// What else defines the run, for <c>options.json</c> and for the comparison on resuming: the environment's
    /// options. The agent's, its network's and the evaluation's are there without it. Default empty.
    /// </summary>
    public JsonObject Settings
    {
        get => (JsonObject)field.DeepClone();
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Settings));
            field = (JsonObject)value.DeepClone();
        }
    } = [];

    /// <summary>Equal in every option, what the weights' files say and the settings included.</summary>
    public bool Equals(TrainingRunOptions? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Folder == other.Folder && TotalSteps == other.TotalSteps && MaxTime == other.MaxTime && CheckpointTime == other.CheckpointTime &&
        Seed == other.Seed && EvaluationInterval == other.EvaluationInterval &&
        CheckpointInterval == other.CheckpointInterval && MetricInterval == other.MetricInterval &&
        WeightsExtension == other.WeightsExtension && IsAlike(WeightsMetadata, other.WeightsMetadata) &&
        Conformance == other.Conformance && JsonNode.DeepEquals(Settings, other.Settings));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(
        Folder, TotalSteps, MaxTime, Seed, EvaluationInterval, CheckpointInterval, MetricInterval, WeightsExtension);

    private static bool IsAlike(ImmutableDictionary<string, string>? one, ImmutableDictionary<string, string>? two) =>
        (one, two) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            _ => one.Count == two.Count && one.All(pair => two.TryGetValue(pair.Key, out string? text) && text == pair.Value),
        };

    private static TimeSpan? Above0(TimeSpan? value, string name) => value is null || value > TimeSpan.Zero ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected above 0.");

    private static long AtLeastOne(long value, string name) => value >= 1 ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected at least 1.");
}
