using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Dqn.Training;

/// <summary>
/// TensorBoard's event files, byte by byte. A file is a row of TFRecords: uint64 length, its masked CRC-32C, the data,
/// the data's masked CRC-32C, little-endian. The data is an <c>Event</c> of tensorflow/core/util/event.proto:
/// wall_time = 1 (double), step = 2 (int64), file_version = 3 (string), summary = 5, session_log = 7; a <c>Summary</c>
/// has value = 1, and a value tag = 1 (string) and simple_value = 2 (float).
/// </summary>
internal static class TensorBoardRecord
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    /// <summary>The first record of each file.</summary>
    public static byte[] FileVersion(double wallTime) => Frame(Event(wallTime, 0, 3, "brain.Event:2"u8));

    /// <summary>One number.</summary>
    public static byte[] Scalar(double wallTime, long step, string tag, float value)
    {
        using var fields = new MemoryStream();
        WriteBytes(fields, 1, Encoding.UTF8.GetBytes(tag));
        WriteKey(fields, 2, Fixed32);
        Span<byte> bits = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bits, value);
        fields.Write(bits);

        using var summary = new MemoryStream();
        WriteBytes(summary, 1, fields.ToArray());
        return Frame(Event(wallTime, step, 5, summary.ToArray()));
    }

    /// <summary>
    /// Says that a run starts again, so that TensorBoard drops what earlier files hold from this step on.
    /// </summary>
    public static byte[] Restart(double wallTime, long step)
    {
        using var log = new MemoryStream();
        WriteKey(log, 1, Varint); // SessionLog.status = START
        WriteVarint(log, 1);
        return Frame(Event(wallTime, step, 7, log.ToArray()));
    }

    /// <summary>TFRecord's framing.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> data)
    {
        var record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc32C(record.AsSpan(0, 8)));
        data.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedCrc32C(data));
        return record;
    }

    /// <summary>CRC-32C (Castagnoli): reflected, starts at and ends with all bits inverted.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte item in data)
            crc = BitOperations.Crc32C(crc, item);
        return ~crc;
    }

    // TFRecord masks its checksums, since the checksum of data that contains checksums is a weak one.
    private static uint MaskedCrc32C(ReadOnlySpan<byte> data) =>
        unchecked(BitOperations.RotateRight(Crc32C(data), 15) + 0xa282ead8);

    private static byte[] Event(double wallTime, long step, int field, ReadOnlySpan<byte> content)
    {
        using var message = new MemoryStream();
        WriteKey(message, 1, Fixed64);
        Span<byte> bits = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bits, wallTime);
        message.Write(bits);
        if (step != 0) // proto3 leaves zeros out
        {
            WriteKey(message, 2, Varint);
            WriteVarint(message, (ulong)step);
        }

        WriteBytes(message, field, content);
        return message.ToArray();
    }

    private static void WriteBytes(Stream stream, int field, ReadOnlySpan<byte> content)
    {
        WriteKey(stream, field, LengthDelimited);
        WriteVarint(stream, (ulong)content.Length);
        stream.Write(content);
    }

    private static void WriteKey(Stream stream, int field, int wireType) =>
        WriteVarint(stream, (ulong)(field << 3 | wireType));

    private static void WriteVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
