using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Threading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dqn.Training;

/// <summary>
/// A whole training: the loop, and as its listeners evaluation, metrics, the best weights and checkpoints. It leaves in
/// its folder <c>options.json</c>, <c>history.csv</c>, <c>checkpoints/</c>, <c>best.pt</c> and <c>latest.pt</c>, none
/// of them ever half-written, and yields what happens for whoever displays it.
/// <para>
/// A resumed run equals an uninterrupted one bit for bit, wherever it was interrupted, if the environment can save its
/// state; otherwise it starts with a new episode (<see cref="TrainingLoop.LoadState"/>).
/// </para>
/// <para>
/// Not safe for concurrent use: a call, or asking for the next step, while another thread's has not returned throws
/// <see cref="InvalidOperationException"/>.
/// </para>
/// </summary>
public sealed partial class TrainingRun : IDisposable
{
    private readonly ILearner _learner;
    private readonly ITrainingLoop _loop;
    private readonly Evaluator _evaluator;
    private readonly RunFolder _folder;
    private readonly CheckpointStore _store;
    private readonly RunCheckpoint _checkpoint;
    private readonly TrainingMetrics _metrics = new();
    private readonly TrainingClock _clock;
    private readonly List<IMetricSink> _sinks = [];
    private readonly List<ITrainingListener> _listeners = [];
    private ImmutableArray<Func<RunTable>> _tables = [];
    private readonly JsonObject _settings;
    private readonly ILogger _logger;
    private readonly RunRecord _record;
    private bool _started;
    private bool _stopping;
    private long _savedAt;
    private SingleCaller _caller;
    private bool _disposed;

    /// <summary>Puts a run together; agent, environments and logger stay the caller's.</summary>
    /// <param name="options">How long, how often, where.</param>
    /// <param name="agent">Who learns.</param>
    /// <param name="environment">What it learns on.</param>
    /// <param name="evaluator">Evaluates it, on an environment of its own.</param>
    /// <param name="logger">Is told about checkpoints, evaluations and damage; null for nobody.</param>
    /// <exception cref="ArgumentException">The environment does not fit the agent, or an option would be ignored.</exception>
    /// <exception cref="IOException">The folder cannot be made, or another process trains in it.</exception>
    public TrainingRun(
        TrainingRunOptions options, IAgent agent, IEnvironment environment, Evaluator evaluator,
        ILogger? logger = null)
        : this(options, agent, new TrainingLoop(agent, environment, Required(options).Seed), [environment], evaluator, logger)
    {
    }

    /// <summary>
    /// Puts a run on several environments together; agent, environments and logger stay the caller's.
    /// </summary>
    /// <param name="options">How long, how often, where.</param>
    /// <param name="agent">Who learns.</param>
    /// <param name="environments">
    /// What it learns on, as many as the agent has; see <see cref="TrainingLoop(IAgent, VectorEnvironment, ulong)"/>.
    /// </param>
    /// <param name="evaluator">Evaluates it, on an environment of its own.</param>
    /// <param name="logger">Is told about checkpoints, evaluations and damage; null for nobody.</param>
    /// <exception cref="ArgumentException">The environments do not fit the agent, or an option would be ignored.</exception>
    /// <exception cref="IOException">The folder cannot be made, or another process trains in it.</exception>
    public TrainingRun(
        TrainingRunOptions options, IAgent agent, VectorEnvironment environments, Evaluator evaluator,
        ILogger? logger = null)
        : this(options, agent, new TrainingLoop(agent, environments, Required(options).Seed), environments.Environments,
            evaluator, logger)
    {
    }

    /// <summary>
    /// Puts a run together whose steps come from elsewhere, another machine say; learner, loop and logger stay the caller's.
    /// </summary>
    /// <param name="options">How long, how often, where.</param>
    /// <param name="learner">Who learns.</param>
    /// <param name="loop">Gives the steps, and lets the learner learn from them.</param>
    /// <param name="evaluator">Evaluates it, on an environment of its own.</param>
    /// <param name="logger">Is told about checkpoints, evaluations and damage; null for nobody.</param>
    /// <exception cref="ArgumentException">An option would be ignored.</exception>
    /// <exception cref="IOException">The folder cannot be made, or another process trains in it.</exception>
    public TrainingRun(
        TrainingRunOptions options, ILearner learner, ITrainingLoop loop, Evaluator evaluator, ILogger? logger = null)
        : this(Required(options), learner, loop, [], evaluator, logger)
    {
    }

    private TrainingRun(
        TrainingRunOptions options, ILearner learner, ITrainingLoop loop, ImmutableArray<IEnvironment> environments,
        Evaluator evaluator, ILogger? logger)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(evaluator);
        if (options is { WeightsExtension: ".pt", WeightsMetadata.IsEmpty: false })
        {
            throw new ArgumentException(
                $"Expected no {nameof(TrainingRunOptions.WeightsMetadata)} beside weights of '.pt', which keeps weights alone: " +
                $"set {nameof(TrainingRunOptions.WeightsExtension)} to '.safetensors'.", nameof(options));
        }

        Environments = environments;
        (Options, _learner, _evaluator, _logger) = (options, learner, evaluator, logger ?? NullLogger.Instance);
        _loop = loop;
        _clock = new TrainingClock();
        _settings = RunSettings.Describe(options, learner, evaluator, loop.DescribeEnvironments());
        _folder = new RunFolder(options.Folder, options.WeightsExtension);
        _store = new CheckpointStore(_folder.Checkpoints);
        _record = new RunRecord(_folder.Options, _logger);
        History = new CsvMetricSink(
            _folder.History, [.. TrainingMetrics.HistoryColumns, RunHistory.SecondsColumn]);
        Best = new BestModelKeeper(() => WriteWeights(_folder.BestWeights));
        _checkpoint = new RunCheckpoint(
            _settings, learner, _loop, _metrics, History, Best, _clock);
        _sinks.Add(History);
    }

    /// <summary>How the run goes.</summary>
    public TrainingRunOptions Options { get; }

    /// <summary>How many agent steps have been made, over all resumptions.</summary>
    public long Steps => _loop.Steps;

    /// <summary>How many episodes have ended.</summary>
    public long Episodes => _loop.Episodes;

    /// <summary>
    /// How long the run has trained, without evaluations and checkpoints, over all resumptions.
    /// </summary>
    public TimeSpan TrainingTime => _clock.Elapsed;

    /// <summary>Who learns; to look at between two steps.</summary>
    public ILearner Learner => _learner;

    /// <summary>What it learns on, to look at between two steps; empty where that is elsewhere.</summary>
    public ImmutableArray<IEnvironment> Environments { get; }

    /// <summary>The task's observations and actions.</summary>
    public EnvironmentSpec Spec => _evaluator.Spec;

    /// <summary>Pauses, saves and stops the run from any thread.</summary>
    public RunControl Control { get; } = new();

    /// <summary>The last 100 episodes' returns.</summary>
    public MovingStatistics Returns => _metrics.Returns;

    /// <summary>The best evaluation so far.</summary>
    public BestModelKeeper Best { get; }

    /// <summary>The rows of <c>history.csv</c> so far.</summary>
    public CsvMetricSink History { get; }

    /// <summary>
    /// Adds a sink for metrics, which the run then owns. After <see cref="Resume"/> its first step is
    /// <see cref="Steps"/> + 1.
    /// </summary>
    public void AddSink(IMetricSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        using SingleCaller.Visit visit = Enter();
        _sinks.Add(sink);
    }

    /// <summary>Adds who is told what happens, before those who run the run are.</summary>
    public void AddListener(ITrainingListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        using SingleCaller.Visit visit = Enter();
        _listeners.Add(listener);
    }

    /// <summary>Adds a table for whoever displays the run.</summary>
    /// <param name="table">Makes it as it is now; called on any thread, about once a second while somebody looks.</param>
    public void AddTable(Func<RunTable> table)
    {
        ArgumentNullException.ThrowIfNull(table);
        using SingleCaller.Visit visit = Enter();
        _tables = _tables.Add(table);
    }

    /// <summary>The tables as they are now. Safe to ask from any thread.</summary>
    public ImmutableArray<RunTable> MakeTables() => [.. _tables.Select(table => table())];

    /// <summary>Goes on from the folder's newest whole checkpoint. Call it before <see cref="Run"/>.</summary>
    /// <returns>False where the folder has no checkpoint, so that the run starts at its beginning.</returns>
    /// <exception cref="InvalidOperationException">
    /// The checkpoint was made with other options: the message says which. Nothing has changed then.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// No checkpoint is whole: the message says what is wrong with which file.
    /// </exception>
    public bool Resume()
    {
        using SingleCaller.Visit visit = Enter();
        if (_started)
            throw new InvalidOperationException("Resume: expected before Run.");
        if (_store.Load() is not { } checkpoint)
            return false;
        foreach (string damage in checkpoint.Damage)
            LogDamage(_logger, damage);
        _checkpoint.Load(checkpoint);
        FlushHistory();
        _started = true;
        LogResumed(_logger, checkpoint.Step);
        return true;
    }

    /// <summary>
    /// Trains until <see cref="TrainingRunOptions.TotalSteps"/> or <see cref="TrainingRunOptions.MaxTime"/>. On cancellation it saves a checkpoint after the step in progress and ends without an
    /// exception.
    /// </summary>
    /// <param name="cancellationToken">Ends the training early.</param>
    /// <param name="onEvent">Is told what happened, after each agent step; null for nobody.</param>
    /// <exception cref="InvalidOperationException">
    /// The folder has a checkpoint and <see cref="Resume"/> was not called.
    /// </exception>
    /// <exception cref="EnvironmentConformanceException">
    /// <see cref="TrainingRunOptions.Conformance"/> asks for the check, and the environment breaks a promise.
    /// </exception>
    /// <exception cref="TrainingDivergedException">
    /// Loss, gradients or weights are not finite any more; the files are those from before.
    /// </exception>
    /// <exception cref="IOException">
    /// A file cannot be written; the last checkpoint still loads. Only <c>history.csv</c> and <c>options.json</c>, which
    /// other programs open, are logged and tried again instead.
    /// </exception>
    public void Run(CancellationToken cancellationToken = default, Action<TrainingEvent>? onEvent = null)
    {
        foreach (TrainingEvent happened in RunLazily(cancellationToken))
            onEvent?.Invoke(happened);
    }

    /// <summary>
    /// As <see cref="Run"/>, but yields after each agent step, and trains only while the caller asks for the next: nothing
    /// happens without a <c>foreach</c>. A caller that stops asking gets no checkpoint.
    /// </summary>
    /// <param name="cancellationToken">Ends the training early.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public IEnumerable<TrainingEvent> RunLazily(CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Control.Stopped);
        try
        {
            foreach (TrainingEvent happened in Happenings(stop.Token))
            {
                foreach (ITrainingListener listener in _listeners)
                    listener.Stepped(happened);
                yield return happened;
            }
        }
        finally
        {
            foreach (ITrainingListener listener in _listeners)
                listener.Ended();
        }
    }

    private IEnumerable<TrainingEvent> Happenings(CancellationToken cancellationToken)
    {
        if (!_started && _store.HasCheckpoint)
        {
            throw new InvalidOperationException(
                $"{Options.Folder} holds a run with a checkpoint already: resume it or choose another folder.");
        }

        if (Options.Conformance is { } create)
            EnvironmentConformance.Check(create);
        (_started, _stopping) = (true, false);
        _record.Write(_settings, Steps, Options.TotalSteps, DateTimeOffset.UtcNow);
        if (Steps > 0 && IsEvaluationDue(IsOver))
            yield return AfterStep(default, cancellationToken); // an interruption cut the evaluation short
        if (_stopping || IsOver)
            yield break;

        _clock.Start();
        _savedAt = Stopwatch.GetTimestamp();
        while (!_stopping)
            yield return Control.Asks && Attend(cancellationToken) ? Save(cancellationToken) : Step(cancellationToken);
    }

    // Whether a checkpoint is due between two steps.
    private bool Attend(CancellationToken cancellationToken)
    {
        _clock.Stop();
        bool due = Control.Attend(cancellationToken);
        _clock.Start();
        return due;
    }

    private TrainingEvent Save(CancellationToken cancellationToken)
    {
        using SingleCaller.Visit visit = Enter();
        return AfterStep(default, cancellationToken, saveAsked: true);
    }

    private TrainingEvent Step(CancellationToken cancellationToken)
    {
        using SingleCaller.Visit visit = Enter();
        TrainingStep step;
        long updates = _learner.Updates;
        try
        {
            step = _loop.Step(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return AfterStep(default, cancellationToken);
        }

        TrainingMeter.Record(step, _learner.Updates - updates);
        _metrics.Add(step);
        return AfterStep(step, cancellationToken);
    }

    private SingleCaller.Visit Enter() => _caller.Enter(
        nameof(TrainingRun), "For many threads, make a run with an agent, environments and a folder for each.");

    private static TrainingRunOptions Required(TrainingRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }

    /// <summary>
    /// Flushes and disposes the sinks and lets go of the folder: all of them, whatever fails. Throws at the end what one
    /// of them threw, or an <see cref="AggregateException"/> of several.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_started) // Another run's history stays where this one could not go on from it.
            FlushHistory();
        var failures = new List<Exception>();
        foreach (IDisposable owned in (IEnumerable<IDisposable>)[.. _sinks.Where(sink => sink != History), _folder])
        {
            try
            {
                owned.Dispose();
            }
            catch (Exception exception)
            {
                failures.Add(exception);
            }
        }

        if (failures is [var only])
            ExceptionDispatchInfo.Throw(only);
        if (failures.Count > 1)
            throw new AggregateException("Several of the run's sinks could not be closed.", failures);
    }
}
