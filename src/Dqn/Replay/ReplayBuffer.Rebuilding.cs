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
    private BatchObservations _observations;

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

    /// <summary>Fills a batch whose numbers have been drawn.</summary>
    internal void Rebuild(TransitionBatch batch, int steps, double discount, BatchObservations observations)
    {
        (_batch, _steps, _discount, _observations) = (batch, steps, discount, observations);
        Run(batch.Size, observations == BatchObservations.None ? 0 : (long)batch.Size * ObservationBytes, _rebuildOne);
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
        if (index + 1 < batch.Size && _observations != BatchObservations.None)
            Locate(batch.Ids[index + 1], out long following).Expect(following);
        FrameRing ring = Locate(batch.Ids[index], out long frame);
        NStepReturn result = ring.ReadReturn(frame, _steps, _discount);
        ReplaySegment segment = ring.Locate(frame, out int place);
        batch.Actions[index] = segment.Actions[place];
        batch.Rewards[index] = result.Reward;
        batch.Discounts[index] = result.Discount;
        batch.Terminated[index] = result.Terminated;
        batch.NextIds[index] = batch.Ids[index] + (long)result.Steps * Lanes;
        if (MaskedActions > 0)
            ReadMasks(batch, index);
        if (_observations == BatchObservations.None)
            return;
        ring.ReadStack(frame, batch.Observations.Slice(index * ObservationBytes, ObservationBytes));
        if (_observations == BatchObservations.Both)
            ReadNextObservation(batch, index, index);
    }

    /// <summary>How many places frames have in the buffer, over all lanes.</summary>
    public long PlaceCount => Lanes * _lanes[0].PlaceCount;

    /// <summary>
    /// The places of the frames that the observations of the last sample's transitions show, oldest first, an episode's
    /// first frame as often as it stands for the past: for whoever has a copy of the frames (<see cref="FrameFeed"/>).
    /// </summary>
    /// <param name="batch">Sampled from this buffer just now.</param>
    /// <param name="places">Destination, [batch, <see cref="StackedFrames"/>], each below <see cref="PlaceCount"/>.</param>
    /// <param name="nextPlaces">Destination, the same of the next observations.</param>
    /// <exception cref="ArgumentException">A destination has another length.</exception>
    public void ReadPlaces(TransitionBatch batch, Span<long> places, Span<long> nextPlaces)
    {
        using SingleCaller.Visit visit = Enter();
        ArgumentNullException.ThrowIfNull(batch);
        RequirePlaces(batch, places, nameof(places));
        RequirePlaces(batch, nextPlaces, nameof(nextPlaces));
        for (int i = 0; i < batch.Size; i++)
        {
            ReadStackPlaces(batch.Ids[i], places.Slice(i * StackedFrames, StackedFrames));
            ReadStackPlaces(batch.NextIds[i], nextPlaces.Slice(i * StackedFrames, StackedFrames));
        }
    }

    /// <summary>As <see cref="FrameRing.TryReadRun"/>, of a lane, with places counted over all lanes.</summary>
    internal bool TryReadRun(int lane, ref long next, out long place, out ReadOnlySpan<byte> frames)
    {
        ThrowIfIncomplete();
        bool read = _lanes[lane].TryReadRun(ref next, out place, out frames);
        place += lane * _lanes[lane].PlaceCount;
        return read;
    }

    private void ReadStackPlaces(long id, Span<long> places)
    {
        FrameRing ring = Locate(id, out long frame);
        ring.ReadPlaces(frame, id % Lanes * ring.PlaceCount, places);
    }

    private void RequirePlaces(TransitionBatch batch, ReadOnlySpan<long> places, string name)
    {
        if (places.Length != (long)batch.Size * StackedFrames)
        {
            throw new ArgumentException(
                $"Expected room for {batch.Size} × {StackedFrames} places, got {places.Length}.", name);
        }
    }

    private void ReadMasks(TransitionBatch batch, int index)
    {
        int start = index * MaskedActions;
        Locate(batch.Ids[index], out long frame).ReadLegalActions(frame, batch.LegalActions.Slice(start, MaskedActions));
        Locate(batch.NextIds[index], out frame).ReadLegalActions(frame, batch.NextLegalActions.Slice(start, MaskedActions));
    }

    private void RebuildNextOne(int index, int worker) => ReadNextObservation(_batch!, _items[index], index);

    private void ReadNextObservation(TransitionBatch batch, int index, int destination)
    {
        FrameRing ring = Locate(batch.NextIds[index], out long frame);
        ring.ReadStack(frame, batch.NextObservations.Slice(destination * ObservationBytes, ObservationBytes));
    }
}
