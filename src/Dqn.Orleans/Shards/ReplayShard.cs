using Dqn.Orleans.Replay;
using Dqn.Replay;

namespace Dqn.Orleans.Shards;

/// <summary>
/// A silo's part of the replay: what its own actors insert directly, without a message or a copy, and the learner samples. Safe
/// for concurrent use.
/// </summary>
internal sealed class ReplayShard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (long Epoch, long Number)> _newest = [];
    private SegmentStore? _store;
    private (SegmentFormat Format, PrioritizedReplayOptions? Prioritized, int Capacity) _made;

    /// <summary>How many transitions it can have at most.</summary>
    public const int MaxCapacity = 1 << 29;

    /// <summary>What there is to draw from.</summary>
    public ShardTotals Totals
    {
        get
        {
            lock (_gate)
                return _store?.Totals ?? new ShardTotals(0, 0, 1);
        }
    }

    /// <summary>How many transitions it has, how many it may have, and the bytes that they take.</summary>
    public (long Count, long Capacity, long Bytes) Fill
    {
        get
        {
            lock (_gate)
                return _store is null ? default : (_store.Count, _store.Kept, _store.Bytes);
        }
    }

    /// <summary>How many transitions have come, and how many have had to go.</summary>
    public (long Inserted, long Evicted) Counts
    {
        get
        {
            lock (_gate)
                return _store is null ? default : (_store.Inserted, _store.Evicted);
        }
    }

    /// <summary>
    /// Makes it ready for segments of a format. What it has stays, unless it was for others.
    /// </summary>
    /// <param name="format">What segments look like.</param>
    /// <param name="prioritized">How transitions are prioritized; null: all are drawn alike.</param>
    /// <param name="capacity">How many it can have at most: the whole run's.</param>
    /// <param name="kept">How many it is to keep now.</param>
    public void SetUp(SegmentFormat format, PrioritizedReplayOptions? prioritized, int capacity, int kept)
    {
        lock (_gate)
        {
            var wanted = (format, prioritized, capacity);
            if (_store is null || _made != wanted)
            {
                _store = new SegmentStore(format, capacity, prioritized, SegmentStore.DrawFirstId());
                _made = wanted;
                _newest.Clear();
            }

            _store.Kept = kept;
        }
    }

    /// <summary>Takes a segment; one that comes twice, since its answer was lost, is kept once.</summary>
    /// <returns>False where it is not set up yet.</returns>
    /// <exception cref="ArgumentException">The segment is of another format.</exception>
    public bool Insert(TransitionSegment segment)
    {
        lock (_gate)
        {
            if (_store is null)
                return false;
            if (_newest.TryGetValue(segment.Environment, out var newest) && newest.Epoch == segment.Epoch
                && segment.Number <= newest.Number)
            {
                return true;
            }

            _store.Add(segment);
            _newest[segment.Environment] = (segment.Epoch, segment.Number);
            return true;
        }
    }

    /// <summary>Draws transitions.</summary>
    /// <exception cref="InvalidOperationException">It is not set up yet.</exception>
    public SampledTransitions Sample(SampleRequest request)
    {
        lock (_gate)
            return Store.Sample(request);
    }

    /// <summary>Corrects priorities.</summary>
    public void UpdatePriorities(PriorityUpdate update)
    {
        lock (_gate)
            _store?.UpdatePriorities(update);
    }

    private SegmentStore Store =>
        _store ?? throw new InvalidOperationException("Expected a shard that has been set up: its silo does not act yet.");
}
