using System.Threading.Channels;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Orleans.Shards;
using Microsoft.Extensions.Logging;

namespace Dqn.Orleans.Actors;

/// <summary>
/// Brings a silo's segments to a shard, one after another: asks the learner whether it may, inserts, reports. What fails is
/// tried again until it works, so that nothing is lost while this silo lives.
/// </summary>
/// <param name="host">This silo.</param>
/// <param name="learner">Whom to ask.</param>
/// <param name="own">This silo's shard.</param>
/// <param name="grains">Finds those of others.</param>
/// <param name="actors">Counts.</param>
/// <param name="logger">Is told what fails.</param>
internal sealed partial class SegmentSender(
    string host, ILearnerGrain learner, ReplayShard own, IGrainFactory grains, DqnActors actors, ILogger logger)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(250);

    private long _number;
    private bool _failing;

    /// <summary>Which silo's shard takes the segments; empty: none does yet.</summary>
    public volatile string Shard = "";

    /// <summary>Told what the learner said last.</summary>
    public required Action<InsertPermit> Permitted { get; init; }

    /// <summary>What rewards in segments have been multiplied with.</summary>
    public double RewardScale { get; set; } = 1;

    /// <summary>Sends until it is cancelled.</summary>
    public async Task RunAsync(ChannelReader<FinishedSegment> outbox, CancellationToken cancellationToken)
    {
        await foreach (FinishedSegment finished in outbox.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            TransitionSegment segment = finished.Segment;
            InsertPermit permit = await Try(() => Reserve(segment), cancellationToken).ConfigureAwait(false);
            await Try(() => Insert(segment), cancellationToken).ConfigureAwait(false);
            actors.Insert(segment.Transitions);
            SegmentReport report = Report(finished, permit.Epoch);
            bool counted = await Try(() => Tell(report), cancellationToken).ConfigureAwait(false);
            if (!counted)
                actors.LeaveUncounted(segment.Transitions);
        }
    }

    private async ValueTask<InsertPermit?> Reserve(TransitionSegment segment)
    {
        InsertPermit permit = await learner.ReserveInsert(host, segment.Transitions);
        Permitted(permit);
        return permit.Granted ? permit : null;
    }

    private async ValueTask<bool?> Insert(TransitionSegment segment)
    {
        string shard = Shard;
        bool taken = shard == host ? own.Insert(segment)
            : shard.Length > 0 && await grains.GetGrain<IReplayShardGrain>(shard).Insert(segment);
        return taken ? true : null;
    }

    private async ValueTask<bool?> Tell(SegmentReport report) => await learner.Inserted(report);

    // Null means: not yet. Cancelled is what waits between two tries.
    private async Task<T> Try<T>(Func<ValueTask<T?>> attempt, CancellationToken cancellationToken)
        where T : struct
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (await attempt().ConfigureAwait(false) is { } result)
                {
                    _failing = false;
                    return result;
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (!_failing)
                    LogRetried(logger, exception.Message);
                _failing = true;
            }

            await Task.Delay(s_retry, cancellationToken).ConfigureAwait(false);
        }
    }

    private SegmentReport Report(FinishedSegment finished, Guid epoch)
    {
        TransitionSegment segment = finished.Segment;
        var actions = new int[segment.Transitions];
        var rewards = new float[segment.Transitions];
        int next = 0;
        for (int place = segment.WindowStart; place < segment.WindowEnd; place++)
        {
            if (!segment.HasTransition(place))
                continue;
            actions[next] = segment.Actions[place];
            rewards[next++] = (float)(segment.Rewards[place] / RewardScale);
        }

        return new SegmentReport
        {
            Host = host,
            Number = _number++,
            Epoch = epoch,
            Environment = segment.Environment,
            Actions = actions,
            Rewards = rewards,
            Episodes = finished.Episodes,
        };
    }

    [LoggerMessage(EventId = 51, Level = LogLevel.Warning, Message = "A segment could not be sent, which is tried again: {Problem}")]
    private static partial void LogRetried(ILogger logger, string problem);
}
