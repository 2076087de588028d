using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Training;

namespace Dqn.Orleans.Learner;

/// <summary>
/// The loop of a training whose steps are made elsewhere: takes in the reports of segments that shards have taken, step by
/// step, and lets the learner learn where a step makes it due, as in a local run. So the ratio of what is sampled to what is
/// inserted is the options' exactly, up to the steps that wait here; the limiter bounds those.
/// </summary>
/// <param name="learner">Who learns.</param>
/// <param name="replay">From what; where it has less than the warm-up's steps, after all shards have died say, nothing is learnt.</param>
/// <param name="weights">Where the weights are published.</param>
/// <param name="publishPeriod">Every how many updates.</param>
/// <param name="environment">What the environments are, as data.</param>
internal sealed class DistributedLoop(
    DqnLearner learner, ShardedReplay replay, WeightsStore weights, long publishPeriod, JsonObject environment)
    : ITrainingLoop, IDisposable
{
    private readonly ConcurrentQueue<SegmentReport> _reports = new();
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly long _least = Math.Min(learner.Options.WarmupSteps, learner.Options.BufferCapacity / 2);
    private SegmentReport? _current;
    private int _place, _episode;
    private volatile bool _aborted;
    private bool _filled;
    private long _publishedAt, _waitingSteps;

    /// <inheritdoc/>
    public long Steps => learner.Steps;

    /// <inheritdoc/>
    public long Episodes { get; private set; }

    /// <summary>Holds actors and learner together; to be set before the first step.</summary>
    public RateLimiter Limiter { get; set; } = null!;

    /// <summary>How many steps have been reported and wait to be taken in.</summary>
    public long WaitingSteps => Interlocked.Read(ref _waitingSteps);

    /// <summary>Takes a report in, from any thread.</summary>
    public void Add(SegmentReport report)
    {
        if (report.Actions.Length == 0)
            return;
        Interlocked.Add(ref _waitingSteps, report.Actions.Length);
        _reports.Enqueue(report);
        _waiting.Release();
    }

    /// <summary>Makes the next step fail, from any thread: nothing is saved then.</summary>
    public void Abort()
    {
        _aborted = true;
        _waiting.Release();
    }

    /// <inheritdoc/>
    public TrainingStep Step(CancellationToken cancellationToken)
    {
        if (_current is null)
        {
            _waiting.Wait(cancellationToken);
            _reports.TryDequeue(out _current);
            (_place, _episode) = (0, 0);
        }

        if (_aborted || _current is null)
            throw new OperationCanceledException("The learner has been ended at once.");
        SegmentReport report = _current;
        int place = _place++;
        EndedEpisode? ended = _episode < report.Episodes.Length && report.Episodes[_episode].Place == place
            ? report.Episodes[_episode++]
            : null;
        if (_place == report.Actions.Length)
            _current = null;

        Interlocked.Decrement(ref _waitingSteps);
        learner.CountStep();
        if (ended is not null)
            Episodes++;
        LearnResult? learned = Learn(cancellationToken);
        EpisodeSummary? episode = ended is { } e
            ? new EpisodeSummary(e.Return, e.Steps, e.Terminated, e.Truncated, e.Frames)
            : null;
        return new TrainingStep(
            Steps, report.Actions[place], report.Rewards[place], ended?.Terminated ?? false, ended?.Truncated ?? false, learned,
            episode, report.Environment);
    }

    /// <inheritdoc/>
    public JsonObject DescribeEnvironments() => environment.DeepClone().AsObject();

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer) => writer.Write(Episodes);

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        long episodes = reader.ReadInt64();
        if (episodes < 0 || episodes > Steps)
            throw new InvalidDataException($"Training loop: {Steps} steps and {episodes} episodes do not go together.");
        Episodes = episodes;
    }

    /// <inheritdoc/>
    public void Dispose() => _waiting.Dispose();

    private LearnResult? Learn(CancellationToken cancellationToken)
    {
        if (!learner.IsUpdateDue)
            return null;

        // What is not learnt for want of transitions counts all the same: the actors would wait for it for ever.
        Limiter.WaitToSample(learner.Options.UpdatesPerPeriod * learner.Options.BatchSize, cancellationToken);
        _filled |= replay.Count >= _least;
        LearnResult? learned = _filled ? learner.LearnIfDue() : null;
        if (learner.Updates - _publishedAt >= publishPeriod)
        {
            _publishedAt = learner.Updates;
            weights.Publish(learner.Network);
        }

        return learned;
    }
}
