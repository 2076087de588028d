using System.Buffers.Binary;

namespace Dqn.Replay;

// Saving in pieces: the few numbers by SaveState, the frames segment by segment, so that a checkpoint can keep the
// pieces of the one before that have not changed since.
public sealed partial class ReplayBuffer
{
    private const int StateMarker = 0x31504552; // "REP1"
    private const int SegmentMarker = 0x31474553; // "SEG1"
    private const ReplayFlags AllFlags = ReplayFlags.EpisodeStart | ReplayFlags.Transition | ReplayFlags.Terminated;

    private readonly HashSet<int> _unread = [];

    /// <summary>How many segments the buffer has, those not used yet included.</summary>
    public int SegmentCount => _segments.Length;

    /// <summary>
    /// A number that grows whenever something in the segment changes, 0 while it has never been used. It goes on from
    /// where it stood after <see cref="LoadState"/>. Two runs that part after a common checkpoint can give the same
    /// number to different contents: compare only with what this run has written or loaded.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    public long SegmentVersion(int index)
    {
        ThrowIfNoSegment(index);
        return _versions[index];
    }

    /// <summary>Writes one segment: the places used so far.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    public void WriteSegment(int index, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ThrowIfNoSegment(index);
        ThrowIfIncomplete();
        int used = UsedPlaces(index);
        Span<byte> header = stackalloc byte[16];
        WriteSegmentHeader(header, index, used);
        stream.Write(header);
        if (_segments[index] is not { } segment)
            return;

        byte[] rest = new byte[used * ReplaySegment.BytesBesideFrame];
        for (int i = 0; i < used; i++)
        {
            Span<byte> place = rest.AsSpan(i * ReplaySegment.BytesBesideFrame, ReplaySegment.BytesBesideFrame);
            BinaryPrimitives.WriteInt32LittleEndian(place, segment.Actions[i]);
            BinaryPrimitives.WriteSingleLittleEndian(place[4..], segment.Rewards[i]);
            place[8] = (byte)segment.Flags[i];
        }

        stream.Write(rest);
        stream.Write(segment.Frames(0, used));
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
        ThrowIfNoSegment(index);
        if (!_unread.Contains(index))
        {
            throw new InvalidOperationException(
                $"Expected a segment that LoadState left to be read, got segment {index}.");
        }

        int used = UsedPlaces(index);
        Span<byte> expected = stackalloc byte[16], header = stackalloc byte[16];
        WriteSegmentHeader(expected, index, used);
        ReplaySegment segment = _segments[index] ?? new ReplaySegment(SegmentLength(index), FrameBytes);
        try
        {
            stream.ReadExactly(header);
            if (!header.SequenceEqual(expected))
            {
                throw new InvalidDataException(
                    $"Replay segment: expected segment {index} with {used} frames of {FrameBytes} bytes (header " +
                    $"{Convert.ToHexString(expected)}), got header {Convert.ToHexString(header)}.");
            }

            byte[] rest = new byte[used * ReplaySegment.BytesBesideFrame];
            stream.ReadExactly(rest);
            for (int i = 0; i < used; i++)
                ReadPlace(rest.AsSpan(i * ReplaySegment.BytesBesideFrame, ReplaySegment.BytesBesideFrame), segment, i);
            stream.ReadExactly(segment.Frames(0, used));
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"Replay segment {index} is cut short: expected {used} frames.", e);
        }

        _segments[index] = segment;
        _unread.Remove(index);
        if (_unread.Count == 0)
            CheckFlags();
    }

    /// <summary>Writes everything but the segments' contents.</summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ThrowIfIncomplete();
        writer.Write(StateMarker);
        writer.Write(Capacity);
        writer.Write(FrameBytes);
        writer.Write(StackedFrames);
        writer.Write(1 << _segmentShift);
        writer.Write(_next);
        writer.Write(_count);
        writer.Write(_writes);
        writer.Write(_inEpisode);
        foreach (long version in _versions)
            writer.Write(version);
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on a buffer of the same capacity, frame and stack; what the buffer held
    /// is lost. <see cref="ReadSegment"/> has to follow for every segment that is in use.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The state is damaged or of another buffer. Nothing has changed then.
    /// </exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
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
        Expect("the marker", StateMarker, reader.ReadInt32());
        Expect("the capacity", Capacity, reader.ReadInt64());
        Expect("the bytes per frame", FrameBytes, reader.ReadInt32());
        Expect("the stacked frames", StackedFrames, reader.ReadInt32());
        Expect("the frames per segment", 1 << _segmentShift, reader.ReadInt32());
        long next = reader.ReadInt64(), count = reader.ReadInt64(), writes = reader.ReadInt64();
        bool inEpisode = reader.ReadBoolean();
        bool possible = 0 <= next && next <= writes && writes <= long.MaxValue / 2 && !(inEpisode && next == 0) &&
            0 <= count && count <= Math.Min(Capacity, Math.Max(0, next - 1));
        if (!possible)
        {
            throw new InvalidDataException(
                $"Replay state: {next} frames, {count} transitions and {writes} writes do not go together.");
        }

        long[] versions = new long[_versions.Length];
        for (int i = 0; i < versions.Length; i++)
        {
            versions[i] = reader.ReadInt64();
            bool used = (long)i << _segmentShift < next;
            if (versions[i] < 0 || versions[i] > writes || used != versions[i] > 0)
            {
                throw new InvalidDataException(
                    $"Replay state: segment {i} has version {versions[i]}, expected {(used ? $"1 … {writes}" : "0")}.");
            }
        }

        (_next, _count, _writes, _inEpisode) = (next, count, writes, inEpisode);
        Generation++;
        versions.CopyTo(_versions, 0);
        _unread.Clear();
        for (int i = 0; i < versions.Length; i++)
        {
            if (versions[i] > 0)
                _unread.Add(i);
            else
                _segments[i] = null;
        }
    }

    private static void Expect(string what, long expected, long actual)
    {
        if (actual != expected)
            throw new InvalidDataException($"Replay state: expected {expected} as {what}, got {actual}.");
    }

    private static void ReadPlace(ReadOnlySpan<byte> data, ReplaySegment segment, int place)
    {
        int action = BinaryPrimitives.ReadInt32LittleEndian(data);
        float reward = BinaryPrimitives.ReadSingleLittleEndian(data[4..]);
        var flags = (ReplayFlags)data[8];
        if (action < 0 || !float.IsFinite(reward) || (flags & ~AllFlags) != 0)
        {
            throw new InvalidDataException(
                $"Replay segment: frame {place} has action {action}, reward {reward}, flags {data[8]}.");
        }

        (segment.Actions[place], segment.Rewards[place], segment.Flags[place]) = (action, reward, flags);
    }

    private void WriteSegmentHeader(Span<byte> header, int index, int used)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, SegmentMarker);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], index);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], used);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], FrameBytes);
    }

    /// <summary>
    /// Sampling relies on there being <see cref="Count"/> transitions, and rebuilding on every episode having a first
    /// frame: flags that say otherwise must not get in.
    /// </summary>
    private void CheckFlags()
    {
        long transitions = 0;
        bool follows = false;
        for (long id = Math.Max(0, _next - _places), first = id; id < _next; id++)
        {
            ReplayFlags flags = Flags(id);
            bool startsEpisode = (flags & ReplayFlags.EpisodeStart) != 0;
            if ((id == 0 || id > first) && startsEpisode == follows)
                throw Emptied($"expected frame {id} {(follows ? "to go on with" : "to start")} an episode");
            follows = (flags & ReplayFlags.Transition) != 0;
            transitions += follows && id >= OldestId ? 1 : 0;
        }

        if (follows)
            throw Emptied("expected no transition at the newest frame");
        if (transitions != _count)
            throw Emptied($"expected {_count} transitions, got {transitions}");

        InvalidDataException Emptied(string what)
        {
            (_next, _count, _writes, _inEpisode) = (0, 0, 0, false);
            Array.Clear(_versions);
            Array.Clear(_segments);
            return new InvalidDataException($"Replay segments do not fit the replay state: {what}.");
        }
    }

    private int UsedPlaces(int index) =>
        (int)Math.Clamp(Math.Min(_next, _places) - ((long)index << _segmentShift), 0, SegmentLength(index));

    private void ThrowIfNoSegment(int index)
    {
        if ((uint)index >= (uint)_segments.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), index, $"Expected a segment 0 … {_segments.Length - 1}.");
        }
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
