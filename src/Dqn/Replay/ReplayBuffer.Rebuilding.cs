using Dqn.Threading;

namespace Dqn.Replay;

/// <content>From the drawn transitions' numbers to their observations.</content>
public sealed partial class ReplayBuffer
{
    private readonly Action<int, int> _rebuildOne, _rebuildNextOne;

    // The arguments of the call that is under way.
    private TransitionBatch? _batch;
    private int[] _items = [];
    private int _steps;
    private double _discount;
    private bool _withNext;

    /// <summary>
    /// Threads to share the copying with, or null. As many as the network's that is to read what they copied: then much
    /// of it is in the right core's cache.
    /// </summary>
    internal WorkerTeam? Team { get; set; }

    /// <summary>
    /// Rebuilds the next observations of some of the last sample's transitions, one after the other at the beginning of
    /// the batch's.
    /// </summary>
    internal void ReadNextObservations(TransitionBatch batch, int[] items, int count)
    {
        using SingleCaller.Visit visit = Enter();
        (_batch, _items) = (batch, items);
        Run(count, (long)count * ObservationBytes, _rebuildNextOne);
    }

    private void Rebuild(TransitionBatch batch, int steps, double discount, bool withNext)
    {
        (_batch, _steps, _discount, _withNext) = (batch, steps, discount, withNext);
        Run(batch.Size, (long)batch.Size * ObservationBytes, _rebuildOne);
    }

    private void Run(int count, long bytes, Action<int, int> one)
    {
        if (Team is { } team)
        {
            team.Run(count, bytes, one);
            return;
        }

        for (int i = 0; i < count; i++)
            one(i, 0);
    }

    private void RebuildOne(int index, int worker)
    {
        TransitionBatch batch = _batch!;

        // A transition's frames come from anywhere in gigabytes: they are fetched while those before are copied.
        if (index + 1 < batch.Size)
            Locate(batch.Ids[index + 1], out long following).Expect(following);
        FrameRing ring = Locate(batch.Ids[index], out long frame);
        NStepReturn result = ring.ReadReturn(frame, _steps, _discount);
        ReplaySegment segment = ring.Locate(frame, out int place);
        batch.Actions[index] = segment.Actions[place];
        batch.Rewards[index] = result.Reward;
        batch.Discounts[index] = result.Discount;
        batch.Terminated[index] = result.Terminated;
        batch.NextIds[index] = batch.Ids[index] + (long)result.Steps * Lanes;
        ring.ReadStack(frame, batch.Observations.Slice(index * ObservationBytes, ObservationBytes));
        if (_withNext)
            ReadNextObservation(batch, index, index);
    }

    private void RebuildNextOne(int index, int worker) => ReadNextObservation(_batch!, _items[index], index);

    private void ReadNextObservation(TransitionBatch batch, int index, int destination)
    {
        FrameRing ring = Locate(batch.NextIds[index], out long frame);
        ring.ReadStack(frame, batch.NextObservations.Slice(destination * ObservationBytes, ObservationBytes));
    }
}
