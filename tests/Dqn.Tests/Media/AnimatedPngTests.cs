using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dqn.Media;
using Dqn.Randomness;

namespace Dqn.Tests.Media;

public class AnimatedPngTests
{
    [Test]
    public void Frames_are_rebuilt_as_they_were()
    {
        const int Width = 37, Height = 23;
        byte[][] frames = [.. MakeFilm(Width, Height)];
        using var folder = new TemporaryFolder();
        using (IFrameSink sink = FrameSink.Create(folder["film.png"], Width, Height, 12.5))
        {
            foreach (byte[] frame in frames)
                sink.Add(frame);
            Assert.That(sink.FrameCount, Is.EqualTo(frames.Length));
            Assert.That(File.Exists(folder["film.png"]), Is.False, "before it is complete");
            sink.Complete();
        }

        Film film = Film.Read(File.ReadAllBytes(folder["film.png"]));
        Assert.That((film.Width, film.Height, film.Plays), Is.EqualTo((Width, Height, 0)));
        Assert.That(film.Frames, Has.Count.EqualTo(frames.Length));
        Assert.That(film.Delays, Is.All.EqualTo((2, 25)));
        for (int i = 0; i < frames.Length; i++)
            Assert.That(film.Frames[i].AsSpan().SequenceEqual(frames[i]), $"frame {i}");

        // The still picture of programs that know no animation is the first frame.
        Assert.That(PngImage.Load(folder["film.png"]).Pixels, Is.EqualTo(frames[0]));
        Assert.That(folder.Files, Is.EqualTo(new[] { "film.png" }));
    }

    [Test]
    public void Only_what_changed_is_stored()
    {
        const int Width = 200, Height = 150;
        var frame = new byte[3 * Width * Height];
        new Random(1).NextBytes(frame);
        using var folder = new TemporaryFolder();
        using var sink = new AnimatedPngSink(folder["film.png"], Width, Height, 50, loops: 3);
        sink.Add(frame);
        sink.Add(frame);
        frame[3 * (40 * Width + 60) + 1] ^= 1;
        frame[3 * (44 * Width + 69) + 2] ^= 1;
        sink.Add(frame);
        sink.Complete();

        Film film = Film.Read(File.ReadAllBytes(folder["film.png"]));
        Assert.That(film.Plays, Is.EqualTo(3));
        Assert.That(film.Areas, Is.EqualTo(new[] { (0, 0, Width, Height), (0, 0, 1, 1), (60, 40, 10, 5) }));
        Assert.That(film.Frames[2], Is.EqualTo(frame));
    }

    [Test]
    public void A_film_given_up_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["film.png"], "old");
        using (IFrameSink sink = FrameSink.Create(folder["film.png"], 2, 2, 10))
            sink.Add(new byte[12]);
        Assert.That(File.ReadAllText(folder["film.png"]), Is.EqualTo("old"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "film.png" }));
    }

    [Test]
    public void Misuse_gets_an_error()
    {
        using var folder = new TemporaryFolder();
        var sink = new AnimatedPngSink(folder["film.apng"], 2, 2, 10);
        Assert.That(sink.Complete, Throws.InvalidOperationException.With.Message.Contains("at least one frame"));
        Assert.That(
            () => sink.Add(new byte[11]),
            Throws.ArgumentException.With.Message.Contains("Expected 12 bytes for 2 × 2 RGB pixels, got 11"));
        sink.Add(new byte[12]);
        sink.Complete();
        Assert.That(() => sink.Add(new byte[12]), Throws.InvalidOperationException);
        Assert.That(sink.Complete, Throws.InvalidOperationException);
        sink.Dispose();
        sink.Dispose();
        Assert.That(() => sink.Add(new byte[12]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(folder.Files, Is.EqualTo(new[] { "film.apng" }));

        Assert.That(
            () => new AnimatedPngSink(folder["x.png"], 0, 2, 10), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new AnimatedPngSink(folder["x.png"], 100_000, 100_000, 10),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new AnimatedPngSink(folder["x.png"], 2, 2, 10, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        foreach (double rate in (double[])[0, -1, 1001, double.NaN, double.PositiveInfinity])
            Assert.That(
                () => new AnimatedPngSink(folder["x.png"], 2, 2, rate),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new AnimatedPngSink(folder["none/x.png"], 2, 2, 10), Throws.TypeOf<DirectoryNotFoundException>());
        Assert.That(folder.Files, Is.EqualTo(new[] { "film.apng" }));
    }

    [TestCase("film.avi", "got .avi")]
    [TestCase("film", "got none")]
    public void Other_formats_are_refused_naming_those_there_are(string name, string expected) => Assert.That(
        () => FrameSink.Create(name, 2, 2, 10),
        Throws.ArgumentException.With.Message.Contains(expected).And.Message.Contains(".png or .apng")
            .And.Message.Contains(".webm or .mp4"));

    [Test]
    public void Formats_of_the_ImageSharp_package_name_it([Values("film.gif", "film.WEBP")] string name) => Assert.That(
        () => FrameSink.Create(name, 2, 2, 10), Throws.ArgumentException.With.Message.Contains("Dqn.ImageSharp"));

    [TestCase(10, 10, 1)]
    [TestCase(12.5, 25, 2)]
    [TestCase(1000, 1000, 1)]
    [TestCase(30000.0 / 1001, 30000, 1001)]
    [TestCase(0.1, 1, 10)]
    [TestCase(33.333333333, 100, 3)]
    [TestCase(1e-9, 1, 65535)]
    public void Frame_rates_are_fractions(double rate, int frames, int seconds) =>
        Assert.That(FrameRate.From(rate), Is.EqualTo(new FrameRate(frames, seconds)));

    [Test]
    public void The_changed_rectangle_is_the_smallest()
    {
        var random = new Pcg64(5);
        for (int trial = 0; trial < 300; trial++)
        {
            int width = 1 + random.Integer(12), height = 1 + random.Integer(9);
            var before = new byte[3 * width * height];
            byte[] after = [.. before];
            var changed = new List<(int X, int Y)>();
            for (int i = random.Integer(5); i > 0; i--)
            {
                (int x, int y) = (random.Integer(width), random.Integer(height));
                after[3 * (y * width + x) + random.Integer(3)] = 9;
                changed.Add((x, y));
            }

            var expected = new PixelRectangle(0, 0, 1, 1);
            if (changed.Count > 0)
            {
                int left = changed.Min(p => p.X), top = changed.Min(p => p.Y);
                expected = new(left, top, changed.Max(p => p.X) - left + 1, changed.Max(p => p.Y) - top + 1);
            }

            Assert.That(PixelRectangle.Changed(before, after, width, height), Is.EqualTo(expected));
        }
    }

    // A rectangle wandering over noise, a frame twice, and a frame all new.
    private static IEnumerable<byte[]> MakeFilm(int width, int height)
    {
        var random = new Pcg64(11);
        var frame = new byte[3 * width * height];
        for (int i = 0; i < 12; i++)
        {
            if (i is 0 or 8)
                for (int k = 0; k < frame.Length; k++)
                    frame[k] = (byte)random.Integer(256);
            else if (i != 5)
                for (int y = i; y < i + 6; y++)
                    for (int x = 2 * i; x < 2 * i + 9; x++)
                        frame[3 * (y * width + x) + i % 3] += 77;
            yield return [.. frame];
        }
    }

    /// <summary>An APNG reader after the specification, sharing no code with the library.</summary>
    private sealed class Film
    {
        public int Width, Height, Plays;
        public readonly List<byte[]> Frames = [];
        public readonly List<(int, int)> Delays = [];
        public readonly List<(int X, int Y, int Width, int Height)> Areas = [];

        public static Film Read(byte[] file)
        {
            var film = new Film();
            var chunks = new List<(string Type, byte[] Data)>();
            for (int at = 8; at < file.Length;)
            {
                int length = Int32(file, at);
                chunks.Add((Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]));
                at += 12 + length;
            }

            Assert.That(chunks[0].Type, Is.EqualTo("IHDR"));
            Assert.That(chunks[1].Type, Is.EqualTo("acTL"), "before IDAT");
            Assert.That(chunks[^1].Type, Is.EqualTo("IEND"));
            (film.Width, film.Height) = (Int32(chunks[0].Data, 0), Int32(chunks[0].Data, 4));
            (int declared, film.Plays) = (Int32(chunks[1].Data, 0), Int32(chunks[1].Data, 4));

            int sequence = 0;
            var canvas = new byte[3 * film.Width * film.Height];
            foreach ((string type, byte[] data) in chunks.Skip(2).SkipLast(1))
            {
                if (type == "fcTL")
                {
                    Assert.That(Int32(data, 0), Is.EqualTo(sequence++));
                    film.Areas.Add((Int32(data, 12), Int32(data, 16), Int32(data, 4), Int32(data, 8)));
                    film.Delays.Add((data[20] << 8 | data[21], data[22] << 8 | data[23]));
                    Assert.That(data[24..], Is.EqualTo(new byte[] { 0, 0 }), "keep, replace");
                    continue;
                }

                Assert.That(type, Is.EqualTo(film.Frames.Count == 0 ? "IDAT" : "fdAT"));
                if (type == "fdAT")
                    Assert.That(Int32(data, 0), Is.EqualTo(sequence++));
                Paint(canvas, film.Width, film.Areas[^1], type == "fdAT" ? data[4..] : data);
                film.Frames.Add([.. canvas]);
            }

            Assert.That(film.Frames, Has.Count.EqualTo(declared));
            return film;
        }

        private static void Paint(
            byte[] canvas, int canvasWidth, (int X, int Y, int Width, int Height) area, byte[] data)
        {
            using var zlib = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
            int n = 3 * area.Width;
            var above = new byte[n];
            for (int y = 0; y < area.Height; y++)
            {
                int filter = zlib.ReadByte();
                var row = new byte[n];
                zlib.ReadExactly(row);
                for (int i = 0; i < n; i++)
                {
                    int a = i < 3 ? 0 : row[i - 3], b = above[i], c = i < 3 ? 0 : above[i - 3], p = a + b - c;
                    row[i] += (byte)(filter switch
                    {
                        0 => 0,
                        1 => a,
                        2 => b,
                        3 => (a + b) / 2,
                        4 => new[] { a, b, c }.MinBy(guess => Math.Abs(p - guess)),
                        _ => throw new InvalidDataException($"filter {filter}"),
                    });
                }

                row.CopyTo(canvas, 3 * ((area.Y + y) * canvasWidth + area.X));
                above = row;
            }

            Assert.That(zlib.ReadByte(), Is.EqualTo(-1), "nothing after the last row");
        }

        private static int Int32(byte[] data, int at) => BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(at));
    }
}
