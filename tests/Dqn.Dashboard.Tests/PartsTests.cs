using Dqn.Environments;
using Dqn.Media;
using Dqn.Watching;

namespace Dqn.Tests.Dashboards;

/// <summary>What the dashboard is made of.</summary>
[TestFixture]
public sealed class PartsTests
{
    [Test]
    public void A_curve_keeps_a_bounded_number_of_points_and_its_mean()
    {
        var series = new Series();
        for (int step = 1; step <= 100_000; step++)
            series.Add(step, step % 10);
        series.Add(100_001, double.NaN);
        Assert.That(series.Points.Count, Is.InRange(Series.Capacity / 2 - 1, Series.Capacity));
        Assert.That(series.Points.Average(point => point.Value), Is.EqualTo(4.5).Within(0.05));
        Assert.That(series.Points.Select(point => point.Step), Is.Ordered.Ascending);
        Assert.That(series.IndexAfter(series.Points[7].Step), Is.EqualTo(8));
        Assert.That(series.IndexAfter(long.MinValue), Is.Zero);
    }

    [Test]
    public void The_reader_gets_the_newest_and_never_an_older_one()
    {
        var buffer = new TripleBuffer<int[]>(() => new int[1]);
        Assert.That(buffer.Take(), Is.False);
        const int Last = 200_000;
        Task writing = Task.Run(() =>
        {
            for (int i = 1; i <= Last; i++)
            {
                buffer.Back[0] = i;
                buffer.Publish();
            }
        });
        int newest = 0, back = 0;
        while (newest < Last)
        {
            if (!buffer.Take())
                continue;
            if (buffer.Front[0] <= newest)
                back++;
            newest = buffer.Front[0];
        }

        writing.Wait();
        Assert.That(back, Is.Zero);
        Assert.That(buffer.Take(), Is.False);
    }

    [Test]
    public void Quick_pictures_decode_to_the_same_pixels([Values] PixelFormat format)
    {
        var random = new Random(1);
        var png = new QuickPng();
        foreach ((int width, int height) in new[] { (37, 11), (1, 1), (64, 40) })
        {
            var pixels = new byte[width * height * (int)format];
            random.NextBytes(pixels);
            PngImage read = PngImage.Read(new MemoryStream(png.Encode(pixels, width, height, format)));
            Assert.That((read.Width, read.Height, read.Format), Is.EqualTo((width, height, format)));
            Assert.That(read.Pixels, Is.EqualTo(pixels));
        }
    }

    [Test]
    public void Frames_lie_side_by_side_whatever_their_layout()
    {
        // Two frames of two rows and two columns.
        var grey = new FrameTiles(Spec([2, 2, 2], ElementType.Byte, stacked: 2));
        Assert.That((grey.Frames, grey.Width, grey.Height, grey.Format), Is.EqualTo((2, 4, 2, PixelFormat.Grey)));
        Assert.That(grey.Draw([1, 2, 3, 4, 5, 6, 7, 8]).ToArray(), Is.EqualTo(new byte[] { 1, 2, 5, 6, 3, 4, 7, 8 }));

        // One frame of one row and two columns in colour, channels first and last.
        var first = new FrameTiles(Spec([3, 1, 2], ElementType.Byte) with { Layout = ObservationLayout.ChannelsFirst });
        Assert.That((first.Frames, first.Format), Is.EqualTo((1, PixelFormat.Rgb)));
        Assert.That(first.Draw([1, 2, 3, 4, 5, 6]).ToArray(), Is.EqualTo(new byte[] { 1, 3, 5, 2, 4, 6 }));
        var last = new FrameTiles(Spec([1, 2, 3], ElementType.Byte) with { Layout = ObservationLayout.ChannelsLast });
        Assert.That(last.Draw([1, 2, 3, 4, 5, 6]).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6 }));

        var colourStack = new FrameTiles(Spec([6, 1, 1], ElementType.Byte, stacked: 2) with { Layout = ObservationLayout.ChannelsFirst });
        Assert.That((colourStack.Frames, colourStack.Format), Is.EqualTo((2, PixelFormat.Rgb)));
        Assert.That(colourStack.Draw([1, 2, 3, 4, 5, 6]).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6 }));

        var numbers = new FrameTiles(Spec([2], ElementType.Single));
        Assert.That(numbers.Frames, Is.Zero);
        Assert.That(numbers.Number([0, 0, 128, 63, 0, 0, 0, 64], 1), Is.EqualTo(2));
        Assert.That(new FrameTiles(Spec([5, 6, 7], ElementType.Byte)).Frames, Is.Zero, "a shape that tells no layout");
    }

    [Test]
    public void People_see_the_task_itself_where_it_cannot_draw()
    {
        using IEnvironment wrapped = new Silent().WithPixels(height: 30, width: 30);
        PictureSource source = PictureSource.Of(wrapped)!;
        Assert.That((source.Width, source.Height, source.Format), Is.EqualTo((8, 6, PixelFormat.Rgb)));
        Assert.That(PictureSource.Of(new Silent()), Is.Null, "the agent sees the same");
    }

    private static EnvironmentSpec Spec(int[] shape, ElementType type, int stacked = 1) => new()
    {
        Name = "some",
        ObservationShape = [.. shape],
        ElementType = type,
        ActionCount = 2,
        StackedFrames = stacked,
    };

    /// <summary>In colour, [6, 8, 3], and without a picture for people.</summary>
    private sealed class Silent : IEnvironment
    {
        public EnvironmentSpec Spec { get; } = PartsTests.Spec([6, 8, 3], ElementType.Byte);

        public void Reset(ulong? seed = null)
        {
        }

        public StepResult Step(int action) => default;

        public void Observe(Span<byte> observation) => observation.Fill(9);

        public void Dispose()
        {
        }
    }
}
