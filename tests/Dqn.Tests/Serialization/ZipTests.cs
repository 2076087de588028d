using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

public class ZipTests
{
    private static readonly byte[] Content =
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("Hello, ZIP. ", 50)));

    private static byte[] Make(CompressionLevel level, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("a/b.txt", level).Open();
            entry.Write(content);
        }

        return stream.ToArray();
    }

    private static byte[] Read(byte[] archive) =>
        new ZipReader(new ByteSource(new MemoryStream(archive))).Read("a/b.txt");

    [TestCase("", 0x00000000u)]
    [TestCase("123456789", 0xCBF43926u)]
    [TestCase("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void Crc32_of_known_texts(string text, uint expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.That(Crc32.Compute(bytes), Is.EqualTo(expected));
        for (int cut = 0; cut <= bytes.Length; cut++)
            Assert.That(Crc32.Compute(bytes.AsSpan(cut), Crc32.Compute(bytes.AsSpan(0, cut))), Is.EqualTo(expected));
    }

    [TestCase(CompressionLevel.NoCompression)]
    [TestCase(CompressionLevel.Optimal)]
    public void Reads_stored_and_deflated_entries(CompressionLevel level)
    {
        byte[] archive = Make(level, Content);
        Assert.That(Read(archive), Is.EqualTo(Content));
        Assert.That(Read([.. archive[..^2], 3, 0, 1, 2, 3]), Is.EqualTo(Content), "with a comment");
    }

    [TestCase(CompressionLevel.NoCompression)]
    [TestCase(CompressionLevel.Optimal)]
    public void Every_changed_bit_of_the_content_is_found(CompressionLevel level)
    {
        byte[] archive = Make(level, Content);
        int start = 30 + "a/b.txt".Length;
        int central = archive.AsSpan().IndexOf("PK\u0001\u0002"u8);
        int length = BinaryPrimitives.ReadInt32LittleEndian(archive.AsSpan(central + 20));
        for (int bit = 0; bit < 8 * length; bit++)
        {
            byte[] damaged = [.. archive];
            damaged[start + (bit / 8)] ^= (byte)(1 << (bit % 8));
            // A bit behind a deflate stream's end marker, or one that encodes the same text otherwise, changes nothing.
            try
            {
                Assert.That(Read(damaged), Is.EqualTo(Content));
                Assert.That(level, Is.Not.EqualTo(CompressionLevel.NoCompression));
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Test]
    public void A_deflate_bomb_does_not_go_off()
    {
        byte[] archive = Make(CompressionLevel.SmallestSize, new byte[70_000_000]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => Read(archive), Throws.TypeOf<InvalidDataException>().With.Message.Contains("70000000 bytes"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4_000_000));
    }

    [Test]
    public void Reads_ZIP64()
    {
        // 0: the local header; the directory's 32-bit fields say "see the 64-bit ones" throughout.
        byte[] archive = Make(CompressionLevel.NoCompression, Content);
        int central = archive.AsSpan().IndexOf("PK\u0001\u0002"u8);
        int nameLength = "a/b.txt".Length;
        byte[] entry = archive[central..(central + 46 + nameLength)];
        entry.AsSpan(20, 8).Fill(0xFF);
        entry.AsSpan(42, 4).Fill(0xFF);
        entry[30] = 28;
        byte[] extra = new byte[28];
        (extra[0], extra[2]) = (1, 24);
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4), Content.Length);
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(12), Content.Length);
        byte[] end = new byte[56];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06064B50);
        (end[4], end[24], end[32]) = (44, 1, 1);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(40), entry.Length + extra.Length);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(48), central);
        byte[] locator = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(locator, 0x07064B50);
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), central + entry.Length + extra.Length);
        byte[] last = [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0];
        byte[] zip64 = [.. archive[..central], .. entry, .. extra, .. end, .. locator, .. last];
        Assert.That(Read(zip64), Is.EqualTo(Content));

        BinaryPrimitives.WriteInt64LittleEndian(zip64.AsSpan(central + entry.Length + 4), long.MinValue);
        Assert.That(() => Read(zip64), Throws.TypeOf<InvalidDataException>().With.Message.Contains("negative"));
    }

    [Test]
    public void Damage_is_named()
    {
        byte[] archive = Make(CompressionLevel.NoCompression, Content);
        int central = archive.AsSpan().IndexOf("PK\u0001\u0002"u8);
        Assert.Multiple(() =>
        {
            Refused(bytes => bytes[..^1], "no directory at its end");
            Refused(bytes => bytes[10..], "directory is damaged");
            Refused(bytes => Set(bytes, bytes.Length - 4, 9), "truncated or damaged");
            Refused(bytes => Set(bytes, 30, (byte)'x'), "contradicts the directory");
            Refused(bytes => Set(bytes, central + 8, 1), "encrypted");
            Refused(bytes => Set(Set(bytes, central + 10, 12), 8, 12), "method 12");
            Refused(bytes => Set(bytes, central + 16, (byte)~bytes[central + 16]), "checksum");
            Refused(bytes => Set(bytes, central + 20, 1), "is stored, yet has the lengths");
            Refused(bytes => Set(bytes, bytes.Length - 12, 2), "several parts");
            Refused(bytes => Set(Set(bytes, bytes.Length - 12, 0), bytes.Length - 14, 0), "no entry");
            Refused(bytes => Set(Set(bytes, bytes.Length - 12, 9), bytes.Length - 14, 9), "no room for 9 entries");
        });

        void Refused(Func<byte[], byte[]> damage, string message) => Assert.That(
            () => Read(damage([.. archive])), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

        static byte[] Set(byte[] bytes, int at, byte value)
        {
            bytes[at] = value;
            return bytes;
        }
    }
}
