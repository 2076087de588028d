using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dqn.Replay;

// Saving in pieces: the few numbers, and the frames segment by segment.
internal sealed partial class FrameRing
{
    private const int SegmentMarker = 0x31474553; // "SEG1"
    private const int MaskedSegmentMarker = 0x4D474553; // "SEGM": masks of legal actions follow the frames.
    private const ReplayFlags AllFlags = ReplayFlags.EpisodeStart | ReplayFlags.Transition | ReplayFlags.Terminated;

    /// <summary>How many segments the ring has, those not used yet included.</summary>
    public int SegmentCount => _segments.Length;

    /// <summary>A number that grows whenever something in the segment changes; 0: never used.</summary>
    public long SegmentVersion(int index) => _versions[index];

    /// <summary>Writes the places of a segment that have been used so far.</summary>
    /// <param name="index">The segment.</param>
    /// <param name="name">Its number in the whole buffer, by which it is known again.</param>
    /// <param name="stream">Where to.</param>
    public void WriteSegment(int index, int name, Stream stream)
    {
        int used = UsedPlaces(index);
        Span<byte> header = stackalloc byte[16];
        WriteSegmentHeader(header, name, used);
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
        stream.Write(segment.LegalActions(0, used));
    }

    /// <summary>Reads what <see cref="WriteSegment"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data is not this segment or is cut short.</exception>
    public void ReadSegment(int index, int name, Stream stream, int actions = int.MaxValue, bool singles = false)
    {
        int used = UsedPlaces(index);
        Span<byte> expected = stackalloc byte[16], header = stackalloc byte[16];
        WriteSegmentHeader(expected, name, used);
        ReplaySegment segment = _segments[index] ?? new ReplaySegment(SegmentLength(index), _frameBytes, _maskedActions);
        try
        {
            stream.ReadExactly(header);
            if (!header.SequenceEqual(expected))
            {
                throw new InvalidDataException(
                    $"Replay segment: expected segment {name} with {used} frames of {_frameBytes} bytes (header " +
                    $"{Convert.ToHexString(expected)}), got header {Convert.ToHexString(header)}.");
            }

            byte[] rest = new byte[used * ReplaySegment.BytesBesideFrame];
            stream.ReadExactly(rest);
            for (int i = 0; i < used; i++)
                ReadPlace(rest.AsSpan(i * ReplaySegment.BytesBesideFrame, ReplaySegment.BytesBesideFrame), segment, i, actions);
            stream.ReadExactly(segment.Frames(0, used));
            if (singles)
                RequireFinite(MemoryMarshal.Cast<byte, float>(segment.Frames(0, used)), name);
            stream.ReadExactly(segment.LegalActions(0, used));
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"Replay segment {name} is cut short: expected {used} frames.", e);
        }

        _segments[index] = segment;
    }

    /// <summary>Writes everything but the segments' contents.</summary>
    public void SaveState(BinaryWriter writer)
    {
        writer.Write(_next);
        writer.Write(Count);
        writer.Write(_writes);
        writer.Write(_inEpisode);
        foreach (long version in _versions)
            writer.Write(version);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote and changes nothing yet: see <see cref="Restore"/>.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="mostWrites">So many frames the buffer has numbers for.</param>
    /// <exception cref="InvalidDataException">The state is of no such ring.</exception>
    public State ReadState(BinaryReader reader, long mostWrites)
    {
        long next = reader.ReadInt64(), count = reader.ReadInt64(), writes = reader.ReadInt64();
        bool inEpisode = reader.ReadBoolean();
        bool possible = 0 <= next && next <= writes && writes <= mostWrites && !(inEpisode && next == 0) &&
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

        return new State(next, count, writes, inEpisode, versions);
    }

    /// <summary>
    /// Takes over what <see cref="ReadState"/> read. All segments with a version other than 0 are to be read next,
    /// then <see cref="CheckFlags"/> is to be asked.
    /// </summary>
    public void Restore(State state)
    {
        (_next, Count, _writes, _inEpisode) = (state.Next, state.Count, state.Writes, state.InEpisode);
        state.Versions.CopyTo(_versions, 0);
        for (int i = 0; i < _versions.Length; i++)
            if (_versions[i] == 0)
                _segments[i] = null;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        (_next, Count, _writes, _inEpisode) = (0, 0, 0, false);
        Array.Clear(_versions);
        Array.Clear(_segments);
    }

    /// <summary>
    /// Sampling relies on there being <see cref="Count"/> transitions, and rebuilding on every episode having a first
    /// frame: flags that say otherwise must not get in.
    /// </summary>
    /// <exception cref="InvalidDataException">They say otherwise.</exception>
    public void CheckFlags()
    {
        long transitions = 0;
        bool follows = false;
        for (long frame = Math.Max(0, _next - _places), first = frame; frame < _next; frame++)
        {
            ReplayFlags flags = Flags(frame);
            bool startsEpisode = (flags & ReplayFlags.EpisodeStart) != 0;
            if ((frame == 0 || frame > first) && startsEpisode == follows)
                throw Misfit($"expected frame {frame} {(follows ? "to go on with" : "to start")} an episode");
            follows = (flags & ReplayFlags.Transition) != 0;
            if (follows && !IsLegal(frame, Locate(frame, out int place).Actions[place]))
                throw Misfit($"expected a legal action at frame {frame}");
            transitions += follows && frame >= Oldest ? 1 : 0;
        }

        if (follows)
            throw Misfit("expected no transition at the newest frame");
        if (transitions != Count)
            throw Misfit($"expected {Count} transitions, got {transitions}");

        static InvalidDataException Misfit(string what) =>
            new($"Replay segments do not fit the replay state: {what}.");
    }

    private static void RequireFinite(ReadOnlySpan<float> features, int name)
    {
        foreach (float feature in features)
            if (!float.IsFinite(feature))
                throw new InvalidDataException($"Replay segment {name}: expected finite features, got {feature}.");
    }

    private static void ReadPlace(ReadOnlySpan<byte> data, ReplaySegment segment, int place, int actions)
    {
        int action = BinaryPrimitives.ReadInt32LittleEndian(data);
        float reward = BinaryPrimitives.ReadSingleLittleEndian(data[4..]);
        var flags = (ReplayFlags)data[8];
        if ((uint)action >= (uint)actions || !float.IsFinite(reward) || (flags & ~AllFlags) != 0)
        {
            throw new InvalidDataException(
                $"Replay segment: expected an action 0 … {actions - 1}, a finite reward and flags 0 … {(int)AllFlags}, " +
                $"got action {action}, reward {reward}, flags {data[8]} at frame {place}.");
        }

        (segment.Actions[place], segment.Rewards[place], segment.Flags[place]) = (action, reward, flags);
    }

    private void WriteSegmentHeader(Span<byte> header, int name, int used)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, _maskedActions > 0 ? MaskedSegmentMarker : SegmentMarker);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], name);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], used);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], _frameBytes);
    }

    private int UsedPlaces(int index) =>
        (int)Math.Clamp(Math.Min(_next, _places) - ((long)index << _segmentShift), 0, SegmentLength(index));

    /// <summary>A ring's numbers, read and possible by themselves.</summary>
    public sealed record State(long Next, long Count, long Writes, bool InEpisode, long[] Versions);
}
