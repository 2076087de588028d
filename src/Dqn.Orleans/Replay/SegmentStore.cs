using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// A shard's memory: whole segments, first in, first out, kept as they came, without a copy; frames are copied only into what is
/// sampled. Transitions are drawn, prioritized and summed up as by a <see cref="ReplayBuffer"/> or
/// <see cref="PrioritizedReplayBuffer"/> with the same contents. Not safe for concurrent use.
/// </summary>
internal sealed partial class SegmentStore
{
    private readonly SegmentFormat _format;
    private readonly PrioritizedReplayOptions? _options;
    private readonly SegmentQueue _segments;
    private readonly SumTree _likelihoods; // Of the place with number id at id mod capacity; 0 where there is no transition.
    private double _largest = 1, _likelihoodOfNew = 1;

    /// <summary>Makes an empty store.</summary>
    /// <param name="format">What its segments look like.</param>
    /// <param name="capacity">
    /// How many frames' transitions are kept, as in <see cref="IReplay.Capacity"/>: at least a segment's, at most 2²⁹.
    /// </param>
    /// <param name="options">How transitions are prioritized; null: all are drawn alike.</param>
    /// <param name="firstId">
    /// The first transition's number, 0 … 2⁴⁷; see <see cref="DrawFirstId"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public SegmentStore(SegmentFormat format, int capacity, PrioritizedReplayOptions? options, long firstId = 0)
    {
        if (capacity < format.MaxPlaces || capacity > SumTree.MaxLeaves)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity), capacity,
                $"Expected room for a segment's {format.MaxPlaces} frames at least, {SumTree.MaxLeaves} at most.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(firstId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstId, 1L << 47);
        (_format, Capacity, _options) = (format, capacity, options);
        _segments = new SegmentQueue(firstId);
        _likelihoods = new SumTree(capacity);
        Kept = capacity;
    }

    /// <summary>
    /// A number to begin at that no other life of the same shard began near: so an update of priorities that is meant for
    /// transitions of a former life finds none.
    /// </summary>
    public static long DrawFirstId() => Random.Shared.NextInt64(1L << 47);

    /// <summary>How many frames' transitions are kept.</summary>
    public int Capacity { get; }

    /// <summary>
    /// How many frames' transitions are to be kept now, at least a segment's: fewer than there is room for where other shards keep
    /// the rest. What is too much goes.
    /// </summary>
    public int Kept
    {
        get;
        set
        {
            field = Math.Clamp(value, _format.MaxPlaces, Capacity);
            while (_segments.NextId - _segments.OldestId > field)
                Evict();
        }
    }

    /// <summary>How many transitions can be sampled.</summary>
    public long Count => Inserted - Evicted;

    /// <summary>How many transitions have come.</summary>
    public long Inserted { get; private set; }

    /// <summary>How many of them have had to go.</summary>
    public long Evicted { get; private set; }

    /// <summary>The memory that the segments take.</summary>
    public long Bytes { get; private set; }

    /// <summary>What there is to draw from.</summary>
    public ShardTotals Totals => new(Count, _likelihoods.Total, _largest);

    /// <summary>Adds a segment, which nobody may change from now on; whole oldest ones go to make room.</summary>
    /// <exception cref="ArgumentException">The segment is of another format. Nothing has changed.</exception>
    public void Add(TransitionSegment segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        segment.Require(_format);
        while (_segments.NextId - _segments.OldestId + segment.WindowPlaces > Kept)
            Evict();

        long id = _segments.Enqueue(segment);
        int transition = 0;
        for (int place = segment.WindowStart; place < segment.WindowEnd; place++, id++)
            if (segment.HasTransition(place))
                _likelihoods[Slot(id)] = FirstLikelihood(segment.Priorities, transition++);
        Inserted += segment.Transitions;
        Bytes += segment.Bytes;
    }

    /// <summary>Corrects priorities; transitions evicted meanwhile are passed over.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or an error is not finite. Nothing has changed.</exception>
    public void UpdatePriorities(PriorityUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (update.Ids.Length != update.TdErrors.Length)
            throw new ArgumentException($"Expected as many errors as transitions, {update.Ids.Length}, got {update.TdErrors.Length}.");
        foreach (float tdError in update.TdErrors)
            if (!float.IsFinite(tdError))
                throw new ArgumentException($"Expected finite errors, got {tdError}.");
        if (_options is null)
            return;
        for (int i = 0; i < update.Ids.Length; i++)
        {
            long id = update.Ids[i];
            if (id >= _segments.OldestId && id < _segments.NextId && _likelihoods[Slot(id)] > 0)
                _likelihoods[Slot(id)] = Likelihood(update.TdErrors[i]);
        }
    }

    private void Evict()
    {
        TransitionSegment segment = _segments.Dequeue(out long id);
        for (int i = 0; i < segment.WindowPlaces; i++)
            _likelihoods[Slot(id + i)] = 0;
        Evicted += segment.Transitions;
        Bytes -= segment.Bytes;
    }

    private double FirstLikelihood(float[] priorities, int transition) =>
        _options is null ? 1 : priorities.Length == 0 ? _likelihoodOfNew : Likelihood(priorities[transition]);

    /// <summary>(|δ| + ε)^α, as <see cref="PrioritizedReplayBuffer"/> has it.</summary>
    private double Likelihood(float tdError)
    {
        double priority = Math.Abs((double)tdError) + _options!.PriorityOffset;
        double likelihood = Math.Pow(priority, _options.PriorityExponent);
        if (priority > _largest)
            (_largest, _likelihoodOfNew) = (priority, likelihood);
        return likelihood;
    }

    private int Slot(long id) => (int)(id % Capacity);
}
