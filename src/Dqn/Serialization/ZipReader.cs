using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// Reads the entries of a ZIP archive, stored or deflated, and checks each one's CRC-32 (which
/// <see cref="ZipArchive"/> does not). Source: PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3 (ZIP64).
/// </summary>
internal sealed class ZipReader
{
    private const int EndSize = 22;
    private const int Zip64LocatorSize = 20;
    private const int Zip64EndSize = 56;
    private const int CentralSize = 46;
    private const int LocalSize = 30;
    private const int MaxCommentSize = ushort.MaxValue;

    private readonly ByteSource _source;
    private readonly OrderedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Reads the archive's directory.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is damaged.</exception>
    public ZipReader(ByteSource source)
    {
        _source = source;
        (long count, long offset, long size) = FindDirectory();
        if (count > size / CentralSize)
            throw new InvalidDataException($"The ZIP directory of {size} bytes has no room for {count} entries.");
        ReadOnlySpan<byte> directory = source.Read(offset, size, "The ZIP directory");
        for (long i = 0; i < count; i++)
        {
            Entry entry = ReadEntry(ref directory);
            source.Budget.Take((2 * MemoryBudget.Object) + MemoryBudget.Entry + (2 * entry.Name.Length), "A ZIP entry");
            if (!_entries.TryAdd(entry.Name, entry))
                throw new InvalidDataException($"The ZIP archive has two entries {FileText.Quote(entry.Name)}.");
        }
    }

    /// <summary>The entries' names, in the directory's order.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>The length of an entry's content by the directory, or −1 if there is no such entry.</summary>
    public long LengthOf(string name) => _entries.TryGetValue(name, out Entry? entry) ? entry.Length : -1;

    /// <summary>Reads an entry's content.</summary>
    /// <exception cref="InvalidDataException">It is missing, damaged, encrypted, or larger than the budget.</exception>
    public byte[] Read(string name)
    {
        if (!_entries.TryGetValue(name, out Entry? entry))
            throw new InvalidDataException($"The ZIP archive has no entry {FileText.Quote(name)}.");
        if ((entry.Flags & 1) != 0)
            throw Damaged(entry, "is encrypted, which is not supported");
        long start = FindContent(entry);
        byte[] content = entry.Method switch
        {
            0 when entry.Length == entry.StoredLength => _source.Read(start, entry.Length, "ZIP entry", name),
            0 => throw Damaged(entry, $"is stored, yet has the lengths {entry.StoredLength} and {entry.Length}"),
            8 => Inflate(entry, _source.Read(start, entry.StoredLength, "Compressed ZIP entry", name)),
            _ => throw Damaged(
                entry, $"has compression method {entry.Method}, expected 0 (stored) or 8 (deflated)"),
        };
        uint crc = Crc32.Compute(content);
        if (crc != entry.Crc)
        {
            throw new InvalidDataException(
                $"The checksum of ZIP entry {FileText.Quote(name)} is {crc:x8}, expected {entry.Crc:x8}: the file is " +
                "damaged.");
        }

        return content;
    }

    private (long Count, long Offset, long Size) FindDirectory()
    {
        int tailSize = (int)Math.Min(_source.Length, EndSize + MaxCommentSize);
        byte[] tail = _source.Read(_source.Length - tailSize, tailSize, "The end of the ZIP archive");
        for (int i = tailSize - EndSize; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(i);
            if (U32(end) != 0x06054B50 || U16(end[20..]) != end.Length - EndSize)
                continue;
            if (U16(end[4..]) != 0 || U16(end[6..]) != 0 || U16(end[8..]) != U16(end[10..]))
                throw new InvalidDataException("A ZIP archive in several parts is not supported.");
            long count = U16(end[10..]), size = U32(end[12..]), offset = U32(end[16..]);
            return count == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue
                ? FindZip64Directory(_source.Length - tailSize + i)
                : (count, offset, size);
        }

        throw new InvalidDataException("The ZIP archive has no directory at its end: it is truncated or damaged.");
    }

    private (long Count, long Offset, long Size) FindZip64Directory(long endOffset)
    {
        byte[] locator = _source.Read(endOffset - Zip64LocatorSize, Zip64LocatorSize, "The ZIP64 locator");
        if (U32(locator) != 0x07064B50)
            throw new InvalidDataException("The ZIP64 locator is missing: the file is damaged.");
        byte[] end = _source.Read(I64(locator.AsSpan(8)), Zip64EndSize, "The ZIP64 end record");
        if (U32(end) != 0x06064B50)
            throw new InvalidDataException("The ZIP64 end record is missing: the file is damaged.");
        return (I64(end.AsSpan(32)), I64(end.AsSpan(48)), I64(end.AsSpan(40)));
    }

    private static Entry ReadEntry(ref ReadOnlySpan<byte> directory)
    {
        ReadOnlySpan<byte> header = directory;
        if (header.Length < CentralSize || U32(header) != 0x02014B50)
            throw new InvalidDataException("The ZIP directory is damaged.");
        int nameSize = U16(header[28..]), extraSize = U16(header[30..]), commentSize = U16(header[32..]);
        int total = CentralSize + nameSize + extraSize + commentSize;
        if (total > header.Length)
            throw new InvalidDataException("The ZIP directory is damaged: an entry is longer than the rest.");
        directory = header[total..];

        string name = Encoding.UTF8.GetString(header.Slice(CentralSize, nameSize));
        long storedLength = U32(header[20..]), length = U32(header[24..]), offset = U32(header[42..]);
        ReadOnlySpan<byte> extra = header.Slice(CentralSize + nameSize, extraSize);
        while (extra.Length >= 4)
        {
            int fieldSize = U16(extra[2..]);
            if (fieldSize > extra.Length - 4)
                break;
            if (U16(extra) == 1)
            {
                // ZIP64: 64-bit values, in this order, for those alone that are all ones above.
                ReadOnlySpan<byte> field = extra.Slice(4, fieldSize);
                length = Widen(length, ref field, name);
                storedLength = Widen(storedLength, ref field, name);
                offset = Widen(offset, ref field, name);
            }

            extra = extra[(4 + fieldSize)..];
        }

        if (length < 0 || storedLength < 0 || offset < 0)
            throw new InvalidDataException($"The ZIP64 field of entry {FileText.Quote(name)} has a negative number.");
        return new Entry(name, U16(header[8..]), U16(header[10..]), U32(header[16..]), storedLength, length, offset);
    }

    private static long Widen(long value, ref ReadOnlySpan<byte> field, string name)
    {
        if (value != uint.MaxValue)
            return value;
        if (field.Length < 8)
            throw new InvalidDataException($"The ZIP64 field of entry {FileText.Quote(name)} is too short.");
        long wide = I64(field);
        field = field[8..];
        return wide;
    }

    private long FindContent(Entry entry)
    {
        byte[] header = _source.Read(entry.Offset, LocalSize, "The header of ZIP entry", entry.Name);
        int nameSize = U16(header.AsSpan(26)), extraSize = U16(header.AsSpan(28));
        byte[] name = _source.Read(entry.Offset + LocalSize, nameSize, "The name of ZIP entry", entry.Name);
        if (U32(header) != 0x04034B50 || U16(header.AsSpan(8)) != entry.Method
            || Encoding.UTF8.GetString(name) != entry.Name)
        {
            throw new InvalidDataException(
                $"The header of ZIP entry {FileText.Quote(entry.Name)} contradicts the directory.");
        }

        return entry.Offset + LocalSize + nameSize + extraSize;
    }

    private byte[] Inflate(Entry entry, byte[] compressed)
    {
        var content = new byte[_source.Budget.TakeArray(entry.Length, "ZIP entry", entry.Name)];
        bool fits;
        try
        {
            using var inflater = new DeflateStream(new MemoryStream(compressed), CompressionMode.Decompress);
            fits = inflater.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length
                && inflater.ReadByte() < 0;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // The second: zlib's own exception, which is no public type.
            throw new InvalidDataException(
                $"The ZIP entry {FileText.Quote(entry.Name)} cannot be decompressed: it is damaged.", e);
        }

        return fits ? content : throw Damaged(
            entry, $"does not decompress to the {entry.Length} bytes that the directory gives");
    }

    private static InvalidDataException Damaged(Entry entry, string message) =>
        new($"The ZIP entry {FileText.Quote(entry.Name)} {message}.");

    private static int U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private sealed record Entry(
        string Name, int Flags, int Method, uint Crc, long StoredLength, long Length, long Offset);
}
