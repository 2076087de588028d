using Dqn.CarRacing;
using Dqn.Media;

namespace Dqn.Tests.Media;

/// <summary>Animations, read back frame by frame.</summary>
[TestFixture]
public sealed class AnimatedImageSinkTests
{
    [Test]
    public void Every_pixel_of_every_frame_comes_back([Values(".webp", ".gif")] string extension)
    {
        const int Width = 61, Height = 37;
        byte[][] frames = FewColors(Width, Height);
        using var folder = new TemporaryFolder();
        string path = folder["film" + extension];
        using (var sink = new AnimatedImageSink(path, Width, Height, 12.5))
        {
            foreach (byte[] frame in frames)
                sink.Add(frame);
            Assert.That(sink.FrameCount, Is.EqualTo(frames.Length));
            Assert.That(File.Exists(path), Is.False, "before it is complete");
            sink.Complete();
        }

        Film film = Film.Read(path);
        Assert.That((film.Width, film.Height, film.Loops), Is.EqualTo((Width, Height, 0)));
        Assert.That(film.Milliseconds, Is.EqualTo(Enumerable.Repeat(80, frames.Length)));
        Assert.That(film.Frames, Has.Count.EqualTo(frames.Length));
        for (int i = 0; i < frames.Length; i++)
            Assert.That(film.Frames[i].AsSpan().SequenceEqual(frames[i]), $"frame {i}");
        Assert.That(folder.Files, Is.EqualTo(new[] { "film" + extension }));
    }

    [Test]
    public void Many_colors_come_back_exactly_from_WebP_and_nearly_from_Gif()
    {
        byte[][] frames = Drive(20);
        using var folder = new TemporaryFolder();
        Film webp = Written(folder["drive.webp"], frames), gif = Written(folder["drive.gif"], frames);
        Assert.That((webp.Frames.Count, gif.Frames.Count), Is.EqualTo((20, 20)));
        for (int i = 0; i < frames.Length; i++)
        {
            Assert.That(webp.Frames[i].AsSpan().SequenceEqual(frames[i]), $"frame {i} of the WebP");
            Assert.That(MeanError(gif.Frames[i], frames[i]), Is.LessThan(2), $"frame {i} of the GIF");
        }
    }

    [Test]
    public void A_gradient_of_thousands_of_colors_gets_256_near_ones()
    {
        const int Size = 64;
        var frame = new byte[3 * Size * Size];
        for (int i = 0; i < Size * Size; i++)
            (frame[3 * i], frame[3 * i + 1], frame[3 * i + 2]) = ((byte)(i % Size * 4), (byte)(i / Size * 4), 90);
        using var folder = new TemporaryFolder();
        using (var sink = new AnimatedImageSink(folder["film.gif"], Size, Size, 10))
        {
            sink.Add(frame);
            sink.Complete();
        }

        byte[] read = Film.Read(folder["film.gif"]).Frames[0];
        int colors = read.Chunk(3).Select(pixel => (pixel[0], pixel[1], pixel[2])).Distinct().Count();
        Assert.That(colors, Is.InRange(128, 256));
        Assert.That(MeanError(read, frame), Is.LessThan(6));
    }

    [Test]
    public void A_lossy_WebP_is_near_and_smaller()
    {
        byte[][] frames = Drive(8);
        using var folder = new TemporaryFolder();
        Written(folder["whole.webp"], frames);
        Film film = Written(folder["lossy.webp"], frames, new AnimatedImageOptions { Quality = 60 });
        for (int i = 0; i < frames.Length; i++)
            Assert.That(MeanError(film.Frames[i], frames[i]), Is.InRange(0.01, 8), $"frame {i}");
        Assert.That(
            new FileInfo(folder["lossy.webp"]).Length, Is.LessThan(new FileInfo(folder["whole.webp"]).Length));
    }

    [Test]
    public void Only_what_changed_is_stored([Values(".webp", ".gif")] string extension)
    {
        const int Width = 200, Height = 150;
        var frame = new byte[3 * Width * Height];
        new Random(1).NextBytes(frame);
        using var folder = new TemporaryFolder();
        string path = folder["film" + extension];
        using (var sink = new AnimatedImageSink(path, Width, Height, 20))
        {
            sink.Add(frame);
            for (int i = 0; i < 30; i++)
            {
                frame[3 * (40 * Width + 61 + i) + 1] ^= 1;
                sink.Add(frame);
                sink.Add(frame);
            }

            sink.Complete();
        }

        Film film = Film.Read(path);
        Assert.That(film.Frames, Has.Count.EqualTo(61));
        Assert.That(new FileInfo(path).Length, Is.LessThan(2 * 3 * Width * Height), "one whole picture, 60 small ones");
        if (extension == ".webp")
            Assert.That(film.Frames[^1].AsSpan().SequenceEqual(frame));
    }

    [Test]
    public void Rounded_delays_do_not_add_up([Values(".webp", ".gif")] string extension)
    {
        using var folder = new TemporaryFolder();
        string path = folder["film" + extension];
        using (var sink = new AnimatedImageSink(path, 3, 2, 30))
        {
            for (int i = 0; i < 30; i++)
                sink.Add(Enumerable.Repeat((byte)(8 * i), 18).ToArray());
            sink.Complete();
        }

        Film film = Film.Read(path);
        Assert.That(film.Milliseconds.Sum(), Is.EqualTo(1000));
        Assert.That(film.Milliseconds.Max() - film.Milliseconds.Min(), Is.EqualTo(extension == ".gif" ? 10 : 1));
    }

    [TestCase(".webp", 0)]
    [TestCase(".webp", 1)]
    [TestCase(".webp", 300)]
    [TestCase(".gif", 0)]
    [TestCase(".gif", 300)]
    public void It_is_played_as_often_as_asked(string extension, int loops)
    {
        using var folder = new TemporaryFolder();
        Film film = Written(
            folder["film" + extension], FewColors(8, 8), new AnimatedImageOptions { Loops = loops }, 8, 8);

        // A GIF counts the repetitions after the first time.
        Assert.That(film.Loops, Is.EqualTo(extension == ".gif" && loops > 0 ? loops - 1 : loops));
    }

    [Test]
    public void A_Gif_played_once_has_no_loop_extension()
    {
        using var folder = new TemporaryFolder();
        Written(folder["film.gif"], FewColors(8, 8), new AnimatedImageOptions { Loops = 1 }, 8, 8);
        Assert.That(File.ReadAllBytes(folder["film.gif"]).AsSpan().IndexOf("NETSCAPE"u8), Is.EqualTo(-1));
    }

    [Test]
    public void One_pixel_and_one_frame_are_enough([Values(".webp", ".gif")] string extension)
    {
        using var folder = new TemporaryFolder();
        Film film = Written(folder["film" + extension], [[7, 8, 9]], null, 1, 1);
        Assert.That((film.Width, film.Height), Is.EqualTo((1, 1)));
        Assert.That(film.Frames.Single(), Is.EqualTo(new byte[] { 7, 8, 9 }));
    }

    [Test]
    public void A_film_given_up_leaves_the_old_file([Values(".webp", ".gif")] string extension)
    {
        using var folder = new TemporaryFolder();
        string path = folder["film" + extension];
        File.WriteAllText(path, "old");
        using (var sink = new AnimatedImageSink(path, 2, 2, 10))
            sink.Add(new byte[12]);
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(folder.Files, Has.Length.EqualTo(1));
    }

    [Test]
    public void A_path_that_cannot_be_written_is_named_and_leaves_nothing([Values(".webp", ".gif")] string extension)
    {
        using var folder = new TemporaryFolder();
        string nowhere = Path.Combine(folder["none"], "film" + extension), taken = folder["taken" + extension];
        Directory.CreateDirectory(taken);
        Assert.That(
            () => new AnimatedImageSink(nowhere, 2, 2, 10),
            Throws.InstanceOf<IOException>().With.Message.Contains(nowhere));
        Assert.That(
            () => new AnimatedImageSink(taken, 2, 2, 10),
            Throws.InstanceOf<IOException>().With.Message.Contains("folder"));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void A_path_taken_meanwhile_fails_the_film_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using (var sink = new AnimatedImageSink(folder["film.gif"], 2, 2, 10))
        {
            sink.Add(new byte[12]);
            Directory.CreateDirectory(folder["film.gif"]);
            Assert.That(sink.Complete, Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
            Assert.That(sink.Complete, Throws.InvalidOperationException.With.Message.Contains("make another"));
        }

        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void Calls_out_of_order_are_refused()
    {
        using var folder = new TemporaryFolder();
        var sink = new AnimatedImageSink(folder["film.webp"], 2, 2, 10);
        Assert.That(sink.Complete, Throws.InvalidOperationException.With.Message.Contains("call Add"));
        Assert.That(() => sink.Add(new byte[11]), Throws.ArgumentException.With.Message.Contains("12 bytes"));
        sink.Add(new byte[12]);
        sink.Complete();
        Assert.That(() => sink.Add(new byte[12]), Throws.InvalidOperationException);
        Assert.That(sink.Complete, Throws.InvalidOperationException);
        sink.Dispose();
        Assert.That(() => sink.Add(new byte[12]), Throws.TypeOf<ObjectDisposedException>());
    }

    [TestCase("film.png", 2, 2, 10.0, ".webp or .gif")]
    [TestCase("film", 2, 2, 10.0, "none")]
    [TestCase("film.webp", 0, 2, 10.0, "a width of 1 to 16383 pixels")]
    [TestCase("film.webp", 2, 16384, 10.0, "a height of 1 to 16383 pixels")]
    [TestCase("film.gif", 65536, 2, 10.0, "a width of 1 to 65535 pixels")]
    [TestCase("film.gif", 65535, 65535, 10.0, "65535 × 65535")]
    [TestCase("film.gif", 2, 2, 51.0, "50 frames")]
    [TestCase("film.webp", 2, 2, 1001.0, "1000 frames")]
    [TestCase("film.webp", 2, 2, 0.0, "frames per second")]
    [TestCase("film.gif", 2, 2, 0.0015, "frames per second")]
    [TestCase("film.webp", 2, 2, double.NaN, "frames per second")]
    public void What_a_format_cannot_do_is_refused(string name, int width, int height, double rate, string message) =>
        Assert.That(
            () => new AnimatedImageSink(name, width, height, rate),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));

    [Test]
    public void A_quality_for_a_Gif_is_refused() => Assert.That(
        () => new AnimatedImageSink("film.gif", 2, 2, 10, new AnimatedImageOptions { Quality = 80 }),
        Throws.ArgumentException.With.Message.Contains(".webp"));

    [Test]
    public void Options_have_their_ranges()
    {
        Assert.That(() => new AnimatedImageOptions { Loops = -1 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AnimatedImageOptions { Loops = 65_536 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AnimatedImageOptions { Quality = 101 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static Film Written(
        string path, byte[][] frames, AnimatedImageOptions? options = null, int width = 96, int height = 96)
    {
        using (var sink = new AnimatedImageSink(path, width, height, 12.5, options))
        {
            foreach (byte[] frame in frames)
                sink.Add(frame);
            sink.Complete();
        }

        return Film.Read(path);
    }

    // A square that moves over a few stripes, twice the same, one single pixel that changes at an odd place.
    private static byte[][] FewColors(int width, int height)
    {
        var frames = new List<byte[]>();
        for (int time = 0; time < 12; time++)
        {
            var frame = new byte[3 * width * height];
            for (int i = 0; i < width * height; i++)
            {
                int x = i % width, y = i / width, at = 3 * Math.Min(time, 9);
                bool square = x >= at && x < at + 5 && y >= at && y < at + 6;
                (frame[3 * i], frame[3 * i + 1], frame[3 * i + 2]) =
                    square ? ((byte)255, (byte)0, (byte)1) : ((byte)(x / 3), (byte)(y / 5 * 20), (byte)(x / 3 ^ 1));
            }

            if (time == 11)
                frame[3 * (3 * width + 5)] ^= 3;
            frames.Add(frame);
        }

        return [.. frames];
    }

    private static byte[][] Drive(int frames)
    {
        using var environment = new CarRacingEnvironment();
        environment.Reset(3);
        var film = new byte[frames][];
        for (int i = 0; i < frames; i++)
        {
            environment.Observe(film[i] = new byte[96 * 96 * 3]);
            for (int repeat = 0; repeat < 4; repeat++)
                environment.Step(i % 5 == 4 ? 2 : 3);
        }

        return film;
    }

    private static double MeanError(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
}
