using System.Numerics;

namespace Dqn.Orleans.Replay;

/// <summary>
/// Segments in the order in which they came. The places of their windows are numbered through; a number's segment is found in
/// steps as many as the logarithm of how many segments there are.
/// </summary>
/// <param name="firstId">The first place's number.</param>
internal sealed class SegmentQueue(long firstId)
{
    // A ring: segment i of the queue lies at (_head + i) mod its length, a power of two, and its window begins at _ids there.
    private TransitionSegment?[] _segments = new TransitionSegment?[16];
    private long[] _ids = new long[16];
    private int _head;

    /// <summary>How many segments there are.</summary>
    public int Count { get; private set; }

    /// <summary>The number of the oldest place.</summary>
    public long OldestId => Count == 0 ? NextId : _ids[_head];

    /// <summary>The number of the next place to come.</summary>
    public long NextId { get; private set; } = firstId;

    /// <summary>Adds a segment at the end.</summary>
    /// <returns>The number of its window's first place.</returns>
    public long Enqueue(TransitionSegment segment)
    {
        if (Count == _segments.Length)
            Grow();
        int at = At(Count++);
        (_segments[at], _ids[at]) = (segment, NextId);
        NextId += segment.WindowPlaces;
        return _ids[at];
    }

    /// <summary>Takes the oldest segment; there has to be one.</summary>
    /// <param name="id">The number of its window's first place.</param>
    public TransitionSegment Dequeue(out long id)
    {
        TransitionSegment segment = _segments[_head]!;
        (id, _segments[_head]) = (_ids[_head], null);
        _head = At(1);
        Count--;
        return segment;
    }

    /// <summary>The segment that has a number, and the place there.</summary>
    /// <param name="id"><see cref="OldestId"/> … <see cref="NextId"/> − 1.</param>
    /// <param name="place">A place of its window.</param>
    public TransitionSegment Find(long id, out int place)
    {
        int low = 0, high = Count - 1; // The segments it may be in.
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high + 1) / 2);
            if (_ids[At(middle)] <= id)
                low = middle;
            else
                high = middle - 1;
        }

        TransitionSegment segment = _segments[At(low)]!;
        place = segment.WindowStart + (int)(id - _ids[At(low)]);
        return segment;
    }

    private int At(int index) => (_head + index) & (_segments.Length - 1);

    private void Grow()
    {
        int length = (int)BitOperations.RoundUpToPowerOf2((uint)_segments.Length + 1);
        var segments = new TransitionSegment?[length];
        var ids = new long[length];
        for (int i = 0; i < Count; i++)
            (segments[i], ids[i]) = (_segments[At(i)], _ids[At(i)]);
        (_segments, _ids, _head) = (segments, ids, 0);
    }
}
