using Dqn.Media;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Metadata.Profiles.Icc;
using SixLabors.ImageSharp.PixelFormats;

namespace Dqn.Tests.Media;

[TestFixture]
public sealed class ImageFileTests
{
    private static readonly LinePlot Plot = new()
    {
        Title = "Return",
        Width = 240,
        Height = 160,
        Series = [new LineSeries("mean", [0, 1, 2, 3], [0, 4, 1, 9])],
    };

    [Test]
    public void Lossless_formats_give_a_plot_back([Values("webp", "png", "bmp", "WEBP")] string extension)
    {
        PngImage plot = Plot.ToImage(1);
        Assert.That(Differences(plot, SavedAndLoaded(plot, extension)).Max(), Is.Zero);
    }

    [TestCase("jpg", 3.0)]
    [TestCase("jpeg", 3.0)]
    [TestCase("gif", 0.5)]
    public void The_others_come_near(string extension, double error)
    {
        PngImage plot = Plot.ToImage(1);
        Assert.That(Differences(plot, SavedAndLoaded(plot, extension)).Average(), Is.InRange(1e-6, error));
    }

    [Test]
    public void A_Gif_keeps_256_colors_that_differ_by_one()
    {
        byte[] grey = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var image = new PngImage(16, 16, PixelFormat.Grey, grey);
        Assert.That(Differences(image, SavedAndLoaded(image, "gif"), channels: 1).Max(), Is.Zero);
    }

    [Test]
    public void Every_picture_is_read_by_its_content_not_its_name(
        [Values("webp", "png", "bmp", "gif", "jpg")] string extension)
    {
        using var folder = new TemporaryFolder();
        ImageFile.Save(Plot.ToImage(1), folder["curve." + extension]);
        File.Move(folder["curve." + extension], folder["curve.dat"]);
        Assert.That(ImageFile.Load(folder["curve.dat"]).Width, Is.EqualTo(Plot.Width));
    }

    [Test]
    public void Grey_becomes_three_equal_channels()
    {
        var grey = new PngImage(2, 1, PixelFormat.Grey, [3, 250]);
        Assert.That(SavedAndLoaded(grey, "webp").Pixels, Is.EqualTo(new byte[] { 3, 3, 3, 255, 250, 250, 250, 255 }));
    }

    [Test]
    public void Opacity_is_kept([Values("webp", "png", "bmp")] string extension)
    {
        var clear = new PngImage(2, 1, PixelFormat.Rgba, [1, 2, 3, 77, 4, 5, 6, 255]);
        Assert.That(SavedAndLoaded(clear, extension).Pixels, Is.EqualTo(clear.Pixels));
    }

    [Test]
    public void Opacity_in_a_Gif_is_all_or_none()
    {
        var clear = new PngImage(4, 1, PixelFormat.Rgba, [0, 0, 0, 255, 4, 5, 6, 128, 7, 8, 9, 127, 1, 1, 1, 0]);
        byte[] read = SavedAndLoaded(clear, "gif").Pixels;
        Assert.That(read[..8], Is.EqualTo(new byte[] { 0, 0, 0, 255, 4, 5, 6, 255 }));
        Assert.That((read[11], read[15]), Is.EqualTo(((byte)0, (byte)0)));
    }

    [Test]
    public void Of_an_animated_Gif_the_first_frame_is_read()
    {
        using var folder = new TemporaryFolder();
        TwoFrames(folder["film.gif"]);
        Assert.That(ImageFile.Load(folder["film.gif"]).Pixels, Is.EqualTo(new byte[] { 1, 2, 3, 255 }));
    }

    [Test]
    public void An_animated_WebP_is_refused()
    {
        using var folder = new TemporaryFolder();
        TwoFrames(folder["film.webp"]);
        Assert.That(
            () => ImageFile.Load(folder["film.webp"]),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("not animated"));
    }

    [TestCase("curve.xyz", "got .xyz")]
    [TestCase("curve.tiff", "got .tiff")]
    [TestCase("curve", "got none")]
    public void Another_extension_is_refused(string name, string got)
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => ImageFile.Save(Pixel, folder[name]),
            Throws.ArgumentException.With.Message.Contains(".webp or .gif, " + got));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void A_path_that_cannot_be_written_is_named_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["taken.webp"]);
        string nowhere = Path.Combine(folder["none"], "curve.webp");
        Assert.That(
            () => ImageFile.Save(Pixel, nowhere), Throws.InstanceOf<IOException>().With.Message.Contains(nowhere));
        Assert.That(
            () => ImageFile.Save(Pixel, folder["taken.webp"]),
            Throws.TypeOf<IOException>().With.Message.Contains("folder"));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void A_picture_too_large_for_its_format_is_refused_and_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        var wide = new PngImage(16_384, 1, PixelFormat.Grey, new byte[16_384]);
        File.WriteAllText(folder["wide.webp"], "old");
        Assert.That(
            () => ImageFile.Save(wide, folder["wide.webp"]),
            Throws.ArgumentException.With.Message.Contains("16384 × 1."));
        Assert.That(File.ReadAllText(folder["wide.webp"]), Is.EqualTo("old"));
        Assert.That(folder.Files, Has.Length.EqualTo(1));
        Assert.That(SavedAndLoaded(wide, "gif").Pixels, Has.Length.EqualTo(4 * 16_384));
    }

    [Test]
    public void What_is_no_picture_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.webp"], "no picture");
        Assert.That(() => ImageFile.Load(folder["text.webp"]), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => ImageFile.Load(folder["nothing.webp"]), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void A_damaged_file_is_refused_whatever_the_decoder_makes_of_it(
        [Values("webp", "png", "bmp", "gif", "jpg")] string extension)
    {
        using var folder = new TemporaryFolder();
        string path = folder["curve." + extension];
        ImageFile.Save(Plot.ToImage(1), path);
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = i % 2 == 0 ? whole[..random.Next(whole.Length)] : (byte[])whole.Clone();
            for (int k = 0; k < i % 2 * 3; k++)
                damaged[random.Next(Math.Min(100, damaged.Length))] = (byte)random.Next(256);
            File.WriteAllBytes(path, damaged);
            try
            {
                ImageFile.Load(path);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(10));
    }

    // Why no TIFF and no profiles: see the advisories in Directory.Build.props.
    [Test]
    public void A_Tiff_is_not_decoded_whatever_its_name()
    {
        using var folder = new TemporaryFolder();
        using (var picture = new Image<Rgba32>(4, 4))
            picture.SaveAsTiff(folder["tiff.png"]);
        Assert.That(Image.DetectFormat(folder["tiff.png"]).Name, Is.EqualTo("TIFF"));
        Assert.That(() => ImageFile.Load(folder["tiff.png"]), Throws.TypeOf<InvalidDataException>());
        Assert.That(
            PictureFormats.Configuration.ImageFormats.Select(format => format.Name),
            Is.EquivalentTo(new[] { "PNG", "JPEG", "BMP", "Webp", "GIF" }));
    }

    [Test]
    public void A_color_profile_is_skipped()
    {
        using var folder = new TemporaryFolder();
        string path = folder["picture.jpg"];
        using (var picture = new Image<Rgba32>(4, 4))
        {
            picture.Metadata.IccProfile = new IccProfile(EmptyProfile());
            picture.Save(path);
        }

        using (var kept = Image.Load<Rgba32>(path))
            Assert.That(kept.Metadata.IccProfile, Is.Not.Null, "by ImageSharp's default");
        using var loaded = Image.Load<Rgba32>(PictureFormats.Configuration, path);
        Assert.That(loaded.Metadata.IccProfile, Is.Null);
    }

    // Header and an empty table of tags.
    private static byte[] EmptyProfile()
    {
        var profile = new byte[132];
        profile[3] = 132;
        profile[8] = 4;
        "mntrRGB XYZ "u8.CopyTo(profile.AsSpan(12));
        "acsp"u8.CopyTo(profile.AsSpan(36));
        return profile;
    }

    private static PngImage Pixel => new(1, 1, PixelFormat.Grey, [0]);

    private static void TwoFrames(string path)
    {
        using var sink = new AnimatedImageSink(path, 1, 1, 10);
        sink.Add([1, 2, 3]);
        sink.Add([4, 5, 6]);
        sink.Complete();
    }

    private static PngImage SavedAndLoaded(PngImage image, string extension)
    {
        using var folder = new TemporaryFolder();
        ImageFile.Save(image, folder["picture." + extension]);
        PngImage loaded = ImageFile.Load(folder["picture." + extension]);
        Assert.That((loaded.Width, loaded.Height), Is.EqualTo((image.Width, image.Height)));
        return loaded;
    }

    private static IEnumerable<int> Differences(PngImage a, PngImage b, int channels = 3) =>
        from y in Enumerable.Range(0, a.Height)
        from x in Enumerable.Range(0, a.Width)
        from channel in Enumerable.Range(0, channels)
        select Math.Abs(a[x, y][channel] - b[x, y][channel]);
}
