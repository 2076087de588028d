using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Orleans;

/// <summary>
/// A training whose experience is made on many machines: one learner, actors and replay shards wherever
/// <see cref="DqnSiloBuilderExtensions"/> says. It leaves the folder of a <see cref="TrainingRun"/>: options,
/// history, checkpoints, weights. Source: D. Horgan et al., "Distributed prioritized experience replay" (2018).
/// <para>
/// Give it to each silo that may learn (<see cref="DqnSiloBuilderExtensions.AddDqnLearner"/>): one of them does, and where its
/// machine dies another goes on from the last checkpoint, if it sees the folder. Each needs a
/// <see cref="DistributedTraining"/> of its own, made alike.
/// </para>
/// </summary>
/// <param name="run">How long, how often, where.</param>
/// <param name="options">
/// How to act and learn; <see cref="DqnOptions.Environments"/> are those of all machines together.
/// </param>
/// <param name="environment">Makes the task, as the actors make it: theirs has to say the same of itself.</param>
public sealed class DistributedTraining(TrainingRunOptions run, DqnOptions options, Func<IEnvironment> environment)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long, how often, where.</summary>
    public TrainingRunOptions Run { get; } = run ?? throw new ArgumentNullException(nameof(run));

    /// <summary>How to act and learn.</summary>
    public DqnOptions Options { get; } = options ?? throw new ArgumentNullException(nameof(options));

    /// <summary>Makes the task.</summary>
    public Func<IEnvironment> Environment { get; } = environment ?? throw new ArgumentNullException(nameof(environment));

    /// <summary>
    /// Makes the task that it is evaluated on, where that is another: with observations and actions alike, but without what
    /// shapes rewards for training, say. Null, the default: <see cref="Environment"/>.
    /// </summary>
    public Func<IEnvironment>? EvaluationEnvironment { get; init; }

    /// <summary>How it is evaluated. Default: <see cref="EvaluationOptions"/>'s.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>
    /// Makes the network that learns, on a GPU say; null, the default: <see cref="DqnAgent.CreateNetwork"/>. The actors have
    /// the built-in engine, so it must say its <see cref="IQNetwork.Architecture"/>.
    /// </summary>
    public Func<EnvironmentSpec, DqnOptions, ulong, IQNetwork>? Network { get; init; }

    /// <summary>
    /// Is given the run before it starts, on the silo that learns: to add sinks, listeners or a dashboard. Null, the default:
    /// nobody looks.
    /// </summary>
    public Action<TrainingRun>? Watch { get; init; }

    /// <summary>Every how many updates the actors get the weights, at least 1. Default 50.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long WeightsPeriod
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(
            nameof(WeightsPeriod), value, $"{nameof(WeightsPeriod)}: expected at least 1.");
    } = 50;

    /// <summary>
    /// How many batches are drawn ahead, 1 … 64: more where shards are far. Null, the default: 4, or up to 64 where they are so
    /// small that a call takes longer than learning from them; those are asked for several at a time.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int? Prefetch
    {
        get;
        init => field = value is null or (>= 1 and <= 64) ? value : throw new ArgumentOutOfRangeException(
            nameof(Prefetch), value, $"{nameof(Prefetch)}: expected 1 … 64.");
    }

    /// <summary>
    /// How many steps the actors may be ahead of the learner before they wait, for each environment, at least 64: more where
    /// the way to the learner is long, but what they see is by older weights then. Default 64.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 64.</exception>
    public int Lead
    {
        get;
        init => field = value >= 64 ? value : throw new ArgumentOutOfRangeException(
            nameof(Lead), value, $"{nameof(Lead)}: expected at least 64.");
    } = 64;

    /// <summary>
    /// After how long without a report a machine is taken for dead, at least a second, though the cluster still knows it.
    /// Default 10 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below a second.</exception>
    public TimeSpan Silence
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) ? value : throw new ArgumentOutOfRangeException(
            nameof(Silence), value, $"{nameof(Silence)}: expected at least a second.");
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After how long the environments that no machine has room for are given to machines that have more than they want, at
    /// least 0: long enough for all to start. Default 5 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan Takeover
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(
            nameof(Takeover), value, $"{nameof(Takeover)}: expected at least 0.");
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the silo's application stops when the training is over, so that its program ends. Default true.
    /// </summary>
    public bool StopsApplication { get; init; } = true;

    /// <summary>
    /// Ends when the training is over, on whichever silo it was; with the exception that ended it, where it was on this silo.
    /// Ends too when this silo is stopped before.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>Says that the training is over.</summary>
    internal void Complete(Exception? failure = null)
    {
        if (failure is null)
            _completion.TrySetResult();
        else
            _completion.TrySetException(failure);
    }
}
