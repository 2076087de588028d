using System.Buffers.Binary;
using System.Text;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// Writes a ZIP archive of stored entries whose contents begin at multiples of 64 bytes, as PyTorch maps them into
/// memory: a header's extra field "FB" pads. No times, no attributes: the same entries give the same bytes.
/// </summary>
internal sealed class ZipWriter(Stream stream)
{
    private const int Alignment = 64;
    private const int LocalSize = 30;
    private const int CentralSize = 46;
    private const int EndSize = 22;
    private const int PaddingId = 'F' | ('B' << 8);
    private const int Utf8Names = 1 << 11;
    private const int FirstOfJanuary1980 = (1 << 5) | 1;

    private readonly MemoryStream _directory = new();
    private int _count;
    private long _position;

    /// <summary>Writes an entry.</summary>
    /// <exception cref="ArgumentException">The archive would need ZIP64: 4 GiB or 65,535 entries.</exception>
    public void Add(string name, ReadOnlySpan<byte> content)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        int unpadded = LocalSize + nameBytes.Length + 4;
        int padding = (int)((Alignment - ((_position + unpadded) % Alignment)) % Alignment);
        CheckSize(_position + unpadded + padding + content.Length, _count + 1);

        // What the local and the central header share stands first: version … extra size.
        Span<byte> shared = stackalloc byte[26];
        shared.Clear();
        WriteU16(shared, 20);
        WriteU16(shared[2..], Utf8Names);
        WriteU16(shared[8..], FirstOfJanuary1980);
        WriteU32(shared[10..], Crc32.Compute(content));
        WriteU32(shared[14..], (uint)content.Length);
        WriteU32(shared[18..], (uint)content.Length);
        WriteU16(shared[22..], nameBytes.Length);

        Span<byte> central = stackalloc byte[CentralSize];
        central.Clear();
        WriteU32(central, 0x02014B50);
        WriteU16(central[4..], 20);
        shared.CopyTo(central[6..]);
        WriteU32(central[42..], (uint)_position);
        _directory.Write(central);
        _directory.Write(nameBytes);
        _count++;

        var local = new byte[unpadded + padding];
        WriteU32(local, 0x04034B50);
        shared.CopyTo(local.AsSpan(4));
        WriteU16(local.AsSpan(28), 4 + padding);
        nameBytes.CopyTo(local.AsSpan(LocalSize));
        WriteU16(local.AsSpan(LocalSize + nameBytes.Length), PaddingId);
        WriteU16(local.AsSpan(LocalSize + nameBytes.Length + 2), padding);
        local.AsSpan(unpadded).Fill((byte)'Z');
        stream.Write(local);
        stream.Write(content);
        _position += local.Length + content.Length;
    }

    /// <summary>Writes the directory: nothing may follow.</summary>
    public void Finish()
    {
        CheckSize(_position + _directory.Length, _count);
        _directory.WriteTo(stream);
        Span<byte> end = stackalloc byte[EndSize];
        end.Clear();
        WriteU32(end, 0x06054B50);
        WriteU16(end[8..], _count);
        WriteU16(end[10..], _count);
        WriteU32(end[12..], (uint)_directory.Length);
        WriteU32(end[16..], (uint)_position);
        stream.Write(end);
    }

    private static void CheckSize(long bytes, int entries)
    {
        if (bytes >= uint.MaxValue || entries >= ushort.MaxValue)
        {
            throw new ArgumentException(
                $"A .pt file holds less than 4 GiB and 65,535 entries here; {bytes} bytes in {entries} entries came. " +
                "Safetensors has no such limit.");
        }
    }

    private static void WriteU16(Span<byte> destination, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)value);

    private static void WriteU32(Span<byte> destination, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, value);
}
