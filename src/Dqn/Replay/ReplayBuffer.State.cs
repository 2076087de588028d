using Dqn.Threading;

namespace Dqn.Replay;

/// <content>Saving in pieces. Segments are counted lane after lane.</content>
public sealed partial class ReplayBuffer
{
    private const int StateMarker = 0x32504552; // "REP2"
    private const int MaskedStateMarker = 0x4D504552; // "REPM": with masks of legal actions, how many is said next.

    private readonly HashSet<int> _unread = [];

    /// <inheritdoc/>
    public int SegmentCount => Lanes * _lanes[0].SegmentCount;

    /// <inheritdoc/>
    public long SegmentVersion(int index) => LaneOfSegment(index, out int segment).SegmentVersion(segment);

    /// <inheritdoc/>
    public void WriteSegment(int index, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using SingleCaller.Visit visit = Enter();
        FrameRing ring = LaneOfSegment(index, out int segment);
        ThrowIfIncomplete();
        ring.WriteSegment(segment, index, stream);
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Enter();
        WriteState(writer, prioritized: false);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using SingleCaller.Visit visit = Enter();
        try
        {
            Restore(ReadState(reader, prioritized: false));
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("Replay state: the data is cut short.", e);
        }
    }

    /// <summary>How many segments wait to be read.</summary>
    internal int UnreadSegments => _unread.Count;

    /// <summary>Writes the state, and whether priorities follow.</summary>
    internal void WriteState(BinaryWriter writer, bool prioritized)
    {
        ThrowIfIncomplete();
        writer.Write(MaskedActions > 0 ? MaskedStateMarker : StateMarker);
        if (MaskedActions > 0)
            writer.Write(MaskedActions);
        writer.Write(Lanes);
        writer.Write(prioritized);
        writer.Write(Capacity);
        writer.Write(FrameBytes);
        writer.Write(StackedFrames);
        writer.Write(_segmentPlaces);
        foreach (FrameRing lane in _lanes)
            lane.SaveState(writer);
    }

    /// <summary>Reads what <see cref="WriteState"/> wrote and changes nothing yet: see <see cref="Restore"/>.</summary>
    internal FrameRing.State[] ReadState(BinaryReader reader, bool prioritized)
    {
        int marker = reader.ReadInt32();
        Expect("masked actions", MaskedActions, marker == MaskedStateMarker ? reader.ReadInt32() : 0);
        if (marker != MaskedStateMarker)
            Expect("the marker", StateMarker, marker);
        Expect("the lanes", Lanes, reader.ReadInt32());
        Expect("prioritized", prioritized ? 1 : 0, reader.ReadByte());
        Expect("the capacity", Capacity, reader.ReadInt64());
        Expect("the bytes per frame", FrameBytes, reader.ReadInt32());
        Expect("the stacked frames", StackedFrames, reader.ReadInt32());
        Expect("the frames per segment", _segmentPlaces, reader.ReadInt32());
        var states = new FrameRing.State[Lanes];
        for (int i = 0; i < states.Length; i++)
            states[i] = _lanes[i].ReadState(reader, long.MaxValue / 2 / Lanes);
        return states;
    }

    /// <summary>Takes over what <see cref="ReadState"/> read; segments in use are to be read next.</summary>
    internal void Restore(FrameRing.State[] states)
    {
        Generation++;
        for (int i = 0; i < states.Length; i++)
            _lanes[i].Restore(states[i]);
        _unread.Clear();
        for (int i = 0; i < SegmentCount; i++)
            if (SegmentVersion(i) > 0)
                _unread.Add(i);
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear()
    {
        foreach (FrameRing lane in _lanes)
            lane.Clear();
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
        }
        catch (InvalidDataException)
        {
            Clear();
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
