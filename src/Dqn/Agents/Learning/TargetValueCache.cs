namespace Dqn.Agents;

/// <summary>
/// The target network's action values of stored observations that are some transition's next state. They stay what they
/// are until the target network changes, so each is computed once between two synchronisations, however often it is
/// drawn.
/// <para>
/// A ring like the replay buffer's: the observation whose newest frame has a number has place number mod capacity until
/// the one that overwrites it there. A place takes 4 bytes per action and 12 for its stamp, which says whose values they
/// are and since which synchronisation: 32 bytes for five actions, 3.2 MB for 100,000 transitions. Memory comes in
/// segments when their first place is used.
/// </para>
/// </summary>
internal sealed class TargetValueCache
{
    private const int SegmentBytes = 1 << 20;
    private const int StampBytes = sizeof(long) + sizeof(int);

    private readonly Segment?[] _segments;
    private readonly long _capacity;
    private readonly int _actions;
    private readonly int _segmentShift;

    // Places never used have 0. That it starts again after 2³² synchronisations does no harm: no observation stays in the
    // buffer for so long.
    private int _synchronisation = 1;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="capacity">How many frames' transitions the replay buffer keeps, at least 1.</param>
    /// <param name="actions">How many values each next state has, at least 1.</param>
    public TargetValueCache(long capacity, int actions)
    {
        (_capacity, _actions) = (capacity, actions);
        _segmentShift = int.Log2(Math.Max(1, SegmentBytes / (StampBytes + sizeof(float) * actions)));
        _segments = new Segment?[((capacity - 1) >> _segmentShift) + 1];
    }

    /// <summary>Forgets everything: to be called when the target network or the buffer's contents are others.</summary>
    public void Invalidate() => _synchronisation++;

    /// <summary>
    /// Makes its place an observation's. True if it was not: then the caller has to write <see cref="Values"/> before
    /// they are read, and until then gets false for the same one.
    /// </summary>
    public bool Claim(long id)
    {
        Segment segment = Locate(id, out int place);
        if (segment.Ids[place] == id && segment.Synchronisations[place] == _synchronisation)
            return false;
        (segment.Ids[place], segment.Synchronisations[place]) = (id, _synchronisation);
        return true;
    }

    /// <summary>The values of an observation that its place has been claimed for, [actions].</summary>
    public Span<float> Values(long id) => Locate(id, out int place).Values.AsSpan(place * _actions, _actions);

    private Segment Locate(long id, out int place)
    {
        long at = id % _capacity, index = at >> _segmentShift;
        long first = index << _segmentShift;
        place = (int)(at - first);
        return _segments[index] ??= new Segment((int)Math.Min(1L << _segmentShift, _capacity - first), _actions);
    }

    private sealed class Segment(int places, int actions)
    {
        public readonly long[] Ids = new long[places];
        public readonly int[] Synchronisations = new int[places];
        public readonly float[] Values = new float[places * actions];
    }
}
