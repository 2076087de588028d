using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Dqn.Files;

/// <summary>
/// XXH64 with seed 0 of bytes that come in pieces: finds what a disk, a cable or a stopped process has changed, at the
/// speed of memory. Not against forgers. Source: Y. Collet, "xxHash fast digest algorithm", specification 0.2.0.
/// </summary>
internal sealed class XxHash64
{
    private const int StripeBytes = 32;
    private const ulong Prime1 = 0x9E3779B185EBCA87, Prime2 = 0xC2B2AE3D27D4EB4F, Prime3 = 0x165667B19E3779F9,
        Prime4 = 0x85EBCA77C2B2AE63, Prime5 = 0x27D4EB2F165667C5;

    private readonly byte[] _rest = new byte[StripeBytes];
    private int _restLength;
    private ulong _lane0 = unchecked(Prime1 + Prime2), _lane1 = Prime2, _lane2, _lane3 = unchecked(0 - Prime1);

    /// <summary>How many bytes have come.</summary>
    public long Length { get; private set; }

    /// <summary>The hash of all bytes so far.</summary>
    public ulong Hash
    {
        get
        {
            ulong hash = Length < StripeBytes ? Prime5 : MergedLanes();
            hash += (ulong)Length;
            ReadOnlySpan<byte> rest = _rest.AsSpan(0, _restLength);
            for (; rest.Length >= 8; rest = rest[8..])
            {
                hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest));
                hash = BitOperations.RotateLeft(hash, 27) * Prime1 + Prime4;
            }

            if (rest.Length >= 4)
            {
                hash ^= BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1;
                hash = BitOperations.RotateLeft(hash, 23) * Prime2 + Prime3;
                rest = rest[4..];
            }

            foreach (byte value in rest)
                hash = BitOperations.RotateLeft(hash ^ value * Prime5, 11) * Prime1;
            hash = (hash ^ (hash >> 33)) * Prime2;
            hash = (hash ^ (hash >> 29)) * Prime3;
            return hash ^ (hash >> 32);
        }
    }

    /// <summary>The hash of <paramref name="data"/> alone.</summary>
    public static ulong Of(ReadOnlySpan<byte> data)
    {
        var hash = new XxHash64();
        hash.Append(data);
        return hash.Hash;
    }

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        if (_restLength > 0)
        {
            int taken = Math.Min(data.Length, StripeBytes - _restLength);
            data[..taken].CopyTo(_rest.AsSpan(_restLength));
            data = data[taken..];
            if ((_restLength += taken) < StripeBytes)
                return;
            Consume(_rest);
        }

        int whole = data.Length & ~(StripeBytes - 1);
        Consume(data[..whole]);
        data[whole..].CopyTo(_rest);
        _restLength = data.Length - whole;
    }

    private void Consume(ReadOnlySpan<byte> stripes)
    {
        (ulong lane0, ulong lane1, ulong lane2, ulong lane3) = (_lane0, _lane1, _lane2, _lane3);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(stripes);
        for (; words.Length >= 4; words = words[4..])
        {
            lane0 = Round(lane0, LittleEndian(words[0]));
            lane1 = Round(lane1, LittleEndian(words[1]));
            lane2 = Round(lane2, LittleEndian(words[2]));
            lane3 = Round(lane3, LittleEndian(words[3]));
        }

        (_lane0, _lane1, _lane2, _lane3) = (lane0, lane1, lane2, lane3);
    }

    private ulong MergedLanes()
    {
        ulong hash = BitOperations.RotateLeft(_lane0, 1) + BitOperations.RotateLeft(_lane1, 7)
            + BitOperations.RotateLeft(_lane2, 12) + BitOperations.RotateLeft(_lane3, 18);
        foreach (ulong lane in (ReadOnlySpan<ulong>)[_lane0, _lane1, _lane2, _lane3])
            hash = (hash ^ Round(0, lane)) * Prime1 + Prime4;
        return hash;
    }

    private static ulong Round(ulong lane, ulong word) =>
        BitOperations.RotateLeft(lane + word * Prime2, 31) * Prime1;

    private static ulong LittleEndian(ulong word) =>
        BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
}
