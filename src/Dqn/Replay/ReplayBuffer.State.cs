using Dqn.Threading;

namespace Dqn.Replay;

// Saving in pieces: the few numbers by SaveState, the frames segment by segment, so that a checkpoint can keep the
// pieces of the one before that have not changed since. Segments are counted lane after lane.
public sealed partial class ReplayBuffer
{
    private const int StateMarker = 0x32504552; // "REP2"
    private const int OneLaneStateMarker = 0x31504552; // "REP1": without lanes or priorities.

    private readonly HashSet<int> _unread = [];

    /// <summary>How many segments the buffer has, those not used yet included.</summary>
    public int SegmentCount => Lanes * _lanes[0].SegmentCount;

    /// <summary>
    /// A number that grows whenever something in the segment changes, 0 while it has never been used. It goes on from
    /// where it stood after <see cref="LoadState"/>. Two runs that part after a common checkpoint can give the same
    /// number to different contents: compare only with what this run has written or loaded.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    public long SegmentVersion(int index) => LaneOfSegment(index, out int segment).SegmentVersion(segment);

    /// <summary>Writes one segment: the places used so far.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    public void WriteSegment(int index, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using SingleCaller.Visit visit = Enter();
        FrameRing ring = LaneOfSegment(index, out int segment);
        ThrowIfIncomplete();
        ring.WriteSegment(segment, index, stream);
    }

    /// <summary>
    /// Reads what <see cref="WriteSegment"/> wrote. After <see cref="LoadState"/> every segment whose
    /// <see cref="SegmentVersion"/> is not 0 has to be read before the buffer can be used again.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    /// <exception cref="InvalidOperationException">The segment is not one that waits to be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The data is not this segment or is cut short: it still waits to be read. Or the segments, all read now, do not
    /// fit what <see cref="LoadState"/> read: the buffer is empty then.
    /// </exception>
    public void ReadSegment(int index, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using SingleCaller.Visit visit = Enter();
        FrameRing ring = LaneOfSegment(index, out int segment);
        if (!_unread.Contains(index))
        {
            throw new InvalidOperationException(
                $"Expected a segment that LoadState left to be read, got segment {index}.");
        }

        ring.ReadSegment(segment, index, stream, ActionCount, FramesAreSingles);
        _unread.Remove(index);
        if (_unread.Count == 0)
            CheckFlags();
    }

    /// <summary>Writes everything but the segments' contents.</summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Enter();
        ThrowIfIncomplete();
        writer.Write(StateMarker);
        writer.Write(Lanes);
        writer.Write(_priorities is not null);
        writer.Write(Capacity);
        writer.Write(FrameBytes);
        writer.Write(StackedFrames);
        writer.Write(_segmentPlaces);
        foreach (FrameRing lane in _lanes)
            lane.SaveState(writer);
        SavePriorities(writer);
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on a buffer of the same capacity, frame, stack and lanes; what the
    /// buffer held is lost. <see cref="ReadSegment"/> has to follow for every segment that is in use.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The state is damaged or of another buffer. Nothing has changed then.
    /// </exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using SingleCaller.Visit visit = Enter();
        try
        {
            ReadState(reader);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("Replay state: the data is cut short.", e);
        }
    }

    private void ReadState(BinaryReader reader)
    {
        int marker = reader.ReadInt32();
        bool old = marker == OneLaneStateMarker;
        if (!old)
            Expect("the marker", StateMarker, marker);
        Expect("the lanes", Lanes, old ? 1 : reader.ReadInt32());
        Expect("prioritized", _priorities is null ? 0 : 1, old ? 0 : reader.ReadByte());
        Expect("the capacity", Capacity, reader.ReadInt64());
        Expect("the bytes per frame", FrameBytes, reader.ReadInt32());
        Expect("the stacked frames", StackedFrames, reader.ReadInt32());
        Expect("the frames per segment", _segmentPlaces, reader.ReadInt32());
        var states = new FrameRing.State[Lanes];
        for (int i = 0; i < states.Length; i++)
            states[i] = _lanes[i].ReadState(reader, long.MaxValue / 2 / Lanes);

        ReplayPriorities? priorities = ReadPriorities(reader, states);

        Generation++;
        _priorities = priorities;
        for (int i = 0; i < states.Length; i++)
            _lanes[i].Restore(states[i]);

        _unread.Clear();
        for (int i = 0; i < SegmentCount; i++)
            if (SegmentVersion(i) > 0)
                _unread.Add(i);
    }

    private static void Expect(string what, long expected, long actual)
    {
        if (actual != expected)
            throw new InvalidDataException($"Replay state: expected {expected} as {what}, got {actual}.");
    }

    private void CheckFlags()
    {
        try
        {
            foreach (FrameRing lane in _lanes)
                lane.CheckFlags();
            CheckPriorities();
        }
        catch (InvalidDataException)
        {
            foreach (FrameRing lane in _lanes)
                lane.Clear();
            _priorities = MakePriorities(Capacity, Prioritized);
            throw;
        }
    }

    private FrameRing LaneOfSegment(int index, out int segment)
    {
        if ((uint)index >= (uint)SegmentCount)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected a segment 0 … {SegmentCount - 1}.");
        int lane = Math.DivRem(index, _lanes[0].SegmentCount, out segment);
        return _lanes[lane];
    }

    private void ThrowIfIncomplete()
    {
        if (_unread.Count > 0)
        {
            throw new InvalidOperationException(
                $"Expected all segments to be read after LoadState; {_unread.Count} are not, {_unread.Min()} first.");
        }
    }
}
