using System.Buffers.Binary;
using System.Text;
using Dqn.Files;
using Dqn.Media;
using Dqn.Randomness;

namespace Dqn.Tests.Media;

public class PngTests
{
    // Written by Pillow 9.4: value 9 x + 5 y + 40 channel, 16 × 12 RGB, with the filters Sub and Up.
    private const string Gradient =
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAMCAIAAADkharWAAAAF0lEQVR4nGNk0AjgJAUwsZII" +
        "RjWMFA0AhW8MdWCdnxMAAAAASUVORK5CYII=";

    // Written by Pillow 9.4: byte i is ((7 i² + 13 i) / 4) mod 256, 7 × 5 pixels.
    [TestCase(PixelFormat.Grey,
        "iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAAAAACs8akEAAAAMUlEQVR4nGNkYOXgERAWY8mRU1TR0BFjkTCwsnWY5MF05M4XXjW7" +
        "MIbtch3fMu6GAgCOOwq4IfYOpQAAAABJRU5ErkJggg==")]
    [TestCase(PixelFormat.Rgb,
        "iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAIAAAAG+GGPAAAAeUlEQVR4nAFuAJH/AAAFDRkpPFJsiqvP9yNShLr0MXG1/QRIkdv2" +
        "AQsBICvdJ966A2l04NaTvQYET5nj093n8v2b5RwnwTtGnudlcMS2BFeh6ga5x8/Z4+35A8kTXPbvOYLLFQRfqPGLls7mtcDi1d/e" +
        "9f/a9x/W0z6CxTweuAc86QAAAABJRU5ErkJggg==")]
    [TestCase(PixelFormat.Rgba,
        "iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAYAAACJmvbYAAAAnElEQVR4nAGRAG7/AAAFDRkpPFJsiqvP9yNShLr0MXG1/UiW6D6X" +
        "81MBtx6I9rG/zdvp9wUTIS89S1lndYORn627ydfl8wJv0TOV91m7HX/hQ6UHacstj/FTtRd52z2fAWPFAU14ptjBz93r+QcVIzE/" +
        "TVtpd4WToa+9y9nn9QMALLlJ3XUQrlD2n0v7r2Yg3qBlLfnJnHJMKgvv10NLST3Mpqa9AAAAAElFTkSuQmCC")]
    public void Reads_what_another_program_wrote(PixelFormat format, string base64)
    {
        PngImage image = PngImage.Read(new MemoryStream(Convert.FromBase64String(base64)));
        Assert.That((image.Width, image.Height, image.Format), Is.EqualTo((7, 5, format)));
        var expected = Enumerable.Range(0, 35 * (int)format).Select(i => (byte)((7 * i * i + 13 * i) >> 2));
        Assert.That(image.Pixels, Is.EqualTo(expected));
    }

    [Test]
    public void Reads_a_gradient_that_another_program_filtered()
    {
        PngImage image = PngImage.Read(new MemoryStream(Convert.FromBase64String(Gradient)));
        for (int y = 0; y < 12; y++)
            for (int x = 0; x < 16; x++)
                for (int c = 0; c < 3; c++)
                    Assert.That(image[x, y][c], Is.EqualTo((byte)(9 * x + 5 * y + 40 * c)), $"{x}, {y}, {c}");
    }

    [TestCase(1, 1)]
    [TestCase(1, 40)]
    [TestCase(40, 1)]
    [TestCase(21, 13)]
    [TestCase(96, 96)]
    [TestCase(257, 33)]
    public void What_is_written_is_read_back(int width, int height)
    {
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
            foreach (byte[] pixels in Pictures(width, height, (int)format))
            {
                using var stream = new MemoryStream();
                PngEncoder.Write(stream, pixels, width, height, format);
                stream.Position = 0;
                PngImage image = PngImage.Read(stream);
                Assert.That((image.Width, image.Height, image.Format), Is.EqualTo((width, height, format)));
                Assert.That(image.Pixels.AsSpan().SequenceEqual(pixels));
            }
    }

    [Test]
    public void Files_have_the_specified_bytes()
    {
        using var stream = new MemoryStream();
        PngEncoder.Write(stream, new byte[2 * 3 * 3], 2, 3, PixelFormat.Rgb);
        byte[] file = stream.ToArray();
        // Signature; IHDR: 2 × 3, 8 bits, colour type 2; its checksum as zlib computes it; the well-known IEND chunk.
        Assert.That(
            Convert.ToHexString(file[..29]), Is.EqualTo("89504E470D0A1A0A0000000D4948445200000002000000030802000000"));
        Assert.That(Convert.ToHexString(file[29..33]), Is.EqualTo("368849D6"));
        Assert.That(Convert.ToHexString(file[^12..]), Is.EqualTo("0000000049454E44AE426082"));
    }

    [Test]
    public void Checksum_of_the_check_value() =>
        Assert.That(Crc32.Compute("56789"u8, Crc32.Compute("1234"u8)), Is.EqualTo(0xCBF43926));

    [Test]
    public void Filters_equal_their_definitions_and_are_undone(
        [Range(0, 4)] int filter, [Values(1, 3, 4)] int pixelBytes)
    {
        var random = new Pcg64((ulong)(17 * filter + pixelBytes));
        for (int n = pixelBytes; n < 300; n += pixelBytes * 7)
        {
            byte[] row = new byte[pixelBytes + n], above = new byte[pixelBytes + n], filtered = new byte[n];
            for (int i = pixelBytes; i < row.Length; i++)
                (row[i], above[i]) = ((byte)random.Integer(256), (byte)(random.Integer(4) * 85));
            PngFilters.Apply(filter, pixelBytes, row, above, filtered);

            for (int i = 0; i < n; i++)
            {
                int x = row[pixelBytes + i], a = row[i], b = above[pixelBytes + i], c = above[i], p = a + b - c;
                int paeth = new[] { a, b, c }.MinBy(guess => Math.Abs(p - guess));
                int guess = filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => paeth };
                Assert.That(filtered[i], Is.EqualTo((byte)(x - guess)), $"byte {i} of {n}");
            }

            int cost = filtered.Sum(value => Math.Abs((int)(sbyte)value));
            Assert.That(PngFilters.Cost(filtered), Is.EqualTo(cost), $"{n}");
            byte[] undone = [.. new byte[pixelBytes], .. filtered];
            PngFilters.Undo(filter, pixelBytes, undone, above);
            Assert.That(undone, Is.EqualTo(row));
        }
    }

    [Test]
    public void Cost_does_not_overflow()
    {
        var row = new byte[200_001];
        row.AsSpan().Fill(128);
        Assert.That(PngFilters.Cost(row), Is.EqualTo(128L * row.Length));
    }

    private static PngImage Decode(byte[] file) => PngDecoder.Decode(file, file.Length);

    [Test]
    public void Every_truncation_and_every_changed_byte_is_noticed()
    {
        byte[] file = Convert.FromBase64String(Gradient);
        for (int length = 0; length < file.Length; length++)
            Assert.That(() => Decode(file[..length]), Throws.TypeOf<InvalidDataException>(), $"{length}");
        for (int i = 0; i < file.Length; i++)
        {
            byte[] changed = [.. file];
            changed[i] ^= 0x10;
            Assert.That(() => Decode(changed), Throws.TypeOf<InvalidDataException>(), $"byte {i}");
        }
    }

    [TestCase(60_000, 60_000, 8, 2, 0, "cannot hold 60000 × 60000 Rgb")]
    [TestCase(int.MaxValue, int.MaxValue, 8, 6, 0, "cannot hold")]
    [TestCase(0, 5, 8, 2, 0, "size is 0 × 5")]
    [TestCase(5, -1, 8, 2, 0, "size is 5 × -1")]
    [TestCase(5, 5, 16, 2, 0, "got 16-bit of type 2")]
    [TestCase(5, 5, 8, 3, 0, "got 8-bit of type 3")]
    [TestCase(5, 5, 8, 2, 1, "interlace 0, got 0, 0, 1")]
    public void Headers_that_cannot_be_are_refused(
        int width, int height, byte depth, byte color, byte interlace, string expected)
    {
        byte[] header = [0, 0, 0, 0, 0, 0, 0, 0, depth, color, 0, 0, interlace];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        byte[] file = Assemble(("IHDR", header), ("IDAT", [0x78, 0x9C, 3, 0, 0, 0, 0, 1]), ("IEND", []));
        Assert.That(
            () => Decode(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
    }

    [Test]
    public void Unknown_chunks_are_skipped_unless_they_are_needed()
    {
        using var stream = new MemoryStream();
        PngEncoder.Write(stream, [1, 2, 3], 1, 1, PixelFormat.Rgb);
        byte[] file = stream.ToArray(), text = Assemble(("tEXt", "Software\0test"u8.ToArray()))[8..];
        byte[] needed = Assemble(("ABCD", [1]))[8..];
        Assert.That(
            Decode([.. file[..33], .. text, .. file[33..]]).Pixels, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(
            () => Decode([.. file[..33], .. needed, .. file[33..]]),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("ABCD"));
    }

    [Test]
    public void Wrong_sizes_are_refused()
    {
        Assert.That(
            () => PngEncoder.Write(Stream.Null, new byte[11], 2, 2, PixelFormat.Rgb),
            Throws.ArgumentException.With.Message.Contains("Expected 12 bytes for 2 × 2 Rgb pixels, got 11"));
        Assert.That(
            () => PngEncoder.Write(Stream.Null, [], 0, 2, PixelFormat.Rgb),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new PngImage(int.MaxValue, int.MaxValue, PixelFormat.Rgba, []),
            Throws.ArgumentException.With.Message.Contains("18446744056529682436 bytes"));
        Assert.That(
            () => new PngImage(1, 1, (PixelFormat)2, [1, 2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new PngImage(1, 1, PixelFormat.Grey, [1])[1, 0].Length,
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_file_is_replaced_whole()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.png"], "old");
        new PngImage(1, 1, PixelFormat.Grey, [7]).Save(folder["a.png"]);
        Assert.That(PngImage.Load(folder["a.png"]).Pixels, Is.EqualTo(new byte[] { 7 }));
        Assert.That(folder.Files, Is.EqualTo(new[] { "a.png" }));
    }

    [Test]
    public void A_place_that_cannot_be_written_gets_an_error_and_no_file()
    {
        using var folder = new TemporaryFolder();
        var image = new PngImage(1, 1, PixelFormat.Grey, [7]);
        Directory.CreateDirectory(folder["folder.png"]);
        File.WriteAllText(folder["file"], "");
        Assert.That(
            () => image.Save(folder["none/a.png"]),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains("does not exist"));
        Assert.That(
            () => image.Save(folder["folder.png"]),
            Throws.InstanceOf<IOException>().With.Message.Contains("is a folder"));
        Assert.That(() => image.Save(folder["file/a.png"]), Throws.InstanceOf<IOException>());
        Assert.That(() => image.Save(" "), Throws.ArgumentException);
        Assert.That(folder.Files, Is.EqualTo(new[] { "file" }));
    }

    private static IEnumerable<byte[]> Pictures(int width, int height, int channels)
    {
        var random = new Pcg64((ulong)(width * 1000 + height));
        var noise = new byte[width * height * channels];
        var gradient = new byte[noise.Length];
        var flat = new byte[noise.Length];
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (byte)random.Integer(256);
            gradient[i] = (byte)(i / channels % width * 3 + i / channels / width * 5 + i % channels);
            flat[i] = (byte)(i / channels % 8 < 4 ? 200 : 30);
        }

        return [noise, gradient, flat];
    }

    internal static byte[] Assemble(params (string Type, byte[] Data)[] chunks)
    {
        using var stream = new MemoryStream();
        stream.Write(PngChunks.Signature);
        foreach ((string type, byte[] data) in chunks)
            PngChunks.Write(stream, Encoding.ASCII.GetBytes(type), data);
        return stream.ToArray();
    }
}
