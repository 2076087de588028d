using Dqn.Media;

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

    [TestCase("webp")]
    [TestCase("png")]
    [TestCase("bmp")]
    [TestCase("tiff")]
    [TestCase("tga")]
    [TestCase("qoi")]
    [TestCase("ppm")]
    public void Formats_without_loss_give_a_plot_back(string extension)
    {
        PngImage plot = Plot.ToImage(1);
        Assert.That(Differences(plot, SavedAndLoaded(plot, extension)).Max(), Is.Zero);
    }

    [TestCase("jpg", 3.0)]
    [TestCase("gif", 2.0)]
    public void The_others_come_near(string extension, double error)
    {
        PngImage plot = Plot.ToImage(1);
        Assert.That(Differences(plot, SavedAndLoaded(plot, extension)).Average(), Is.LessThan(error));
    }

    [Test]
    public void Grey_becomes_three_equal_channels()
    {
        var grey = new PngImage(2, 1, PixelFormat.Grey, [3, 250]);
        Assert.That(SavedAndLoaded(grey, "webp").Pixels, Is.EqualTo(new byte[] { 3, 3, 3, 255, 250, 250, 250, 255 }));
    }

    [Test]
    public void Opacity_is_kept([Values("webp", "png", "bmp", "tga", "qoi")] string extension)
    {
        var clear = new PngImage(2, 1, PixelFormat.Rgba, [1, 2, 3, 77, 4, 5, 6, 255]);
        Assert.That(SavedAndLoaded(clear, extension).Pixels, Is.EqualTo(clear.Pixels));
    }

    [Test]
    public void Of_an_animation_the_first_frame_is_read()
    {
        using var folder = new TemporaryFolder();
        using (var sink = new AnimatedImageSink(folder["film.webp"], 1, 1, 10))
        {
            sink.Add([1, 2, 3]);
            sink.Add([4, 5, 6]);
            sink.Complete();
        }

        Assert.That(ImageFile.Load(folder["film.webp"]).Pixels, Is.EqualTo(new byte[] { 1, 2, 3, 255 }));
    }

    [Test]
    public void What_cannot_be_written_or_read_says_why()
    {
        using var folder = new TemporaryFolder();
        var image = new PngImage(1, 1, PixelFormat.Grey, [0]);
        Assert.That(
            () => ImageFile.Save(image, folder["curve.xyz"]), Throws.ArgumentException.With.Message.Contains(".webp"));
        Assert.That(() => ImageFile.Save(image, folder["curve"]), Throws.ArgumentException);
        Assert.That(
            () => ImageFile.Save(image, Path.Combine(folder["none"], "curve.webp")),
            Throws.InstanceOf<IOException>());
        Assert.That(folder.Files, Is.Empty);

        File.WriteAllText(folder["text.webp"], "no picture");
        Assert.That(() => ImageFile.Load(folder["text.webp"]), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => ImageFile.Load(folder["nothing.webp"]), Throws.InstanceOf<IOException>());
    }

    private static PngImage SavedAndLoaded(PngImage image, string extension)
    {
        using var folder = new TemporaryFolder();
        ImageFile.Save(image, folder["picture." + extension]);
        PngImage loaded = ImageFile.Load(folder["picture." + extension]);
        Assert.That((loaded.Width, loaded.Height), Is.EqualTo((image.Width, image.Height)));
        return loaded;
    }

    private static IEnumerable<int> Differences(PngImage a, PngImage b) =>
        from y in Enumerable.Range(0, a.Height)
        from x in Enumerable.Range(0, a.Width)
        from channel in Enumerable.Range(0, 3)
        select Math.Abs(a[x, y][channel] - b[x, y][channel]);
}
