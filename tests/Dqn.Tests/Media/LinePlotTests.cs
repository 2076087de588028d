using System.Globalization;
using System.Xml.Linq;
using Dqn.Media;

namespace Dqn.Tests.Media;

public class LinePlotTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static LinePlot Example() => new()
    {
        Title = "Return <of> \"episodes\" & more",
        XLabel = "Step",
        YLabel = "AvgReturn",
        Series =
        [
            new LineSeries("mean ± std", [0, 500_000, 1_000_000], [0, 400, 800]).WithDeviation([50, 60, 70])
                with { Markers = true },
            new LineSeries("flat", [0, 1_000_000], [200, 200]),
        ],
        ReferenceLines = [new ReferenceLine(900, "solved")],
    };

    [Test]
    public void Svg_has_the_texts_lines_band_and_dots_where_they_belong()
    {
        LinePlot plot = Example();
        var layout = new PlotLayout(plot);
        XElement svg = XDocument.Parse(plot.ToSvg()).Root!;
        Assert.That(svg.Name, Is.EqualTo(Svg + "svg"));
        string[] texts = [.. svg.Elements(Svg + "text").Select(text => text.Value)];
        Assert.That(texts, Is.SupersetOf(new[]
        {
            plot.Title, "Step", "AvgReturn", "mean ± std", "flat", "solved", "0", "200k", "800k", "1M", "200", "800",
        }));

        PlotPoint[][] lines = [.. svg.Elements(Svg + "polyline").Select(Points)];
        PlotPoint[] means = Located(layout, (0, 0), (500_000, 400), (1_000_000, 800));
        PlotPoint[] flat = Located(layout, (0, 200), (1_000_000, 200));
        PlotPoint[] band = Located(
            layout, (0, 50), (500_000, 460), (1_000_000, 870), (1_000_000, 730), (500_000, 340), (0, -50));
        Assert.That(lines, Has.Some.EqualTo(means).Using<PlotPoint>(Near));
        Assert.That(lines, Has.Some.EqualTo(flat).Using<PlotPoint>(Near));
        Assert.That(Points(svg.Element(Svg + "polygon")!), Is.EqualTo(band).Using<PlotPoint>(Near));
        XElement dashed = svg.Elements(Svg + "polyline").Single(line => line.Attribute("stroke-dasharray") is not null);
        Assert.That(Points(dashed)[0].Y, Is.EqualTo(layout.Locate(0, 900).Y).Within(0.01));
        Assert.That(svg.Descendants(Svg + "circle").Count(), Is.EqualTo(3 + 1), "three points and the legend's");
    }

    [Test]
    public void Png_has_the_colours_where_they_belong([Values(1, 2)] int scale)
    {
        LinePlot plot = Example();
        var layout = new PlotLayout(plot);
        PngImage image = plot.ToImage(scale);
        Assert.That((image.Width, image.Height), Is.EqualTo((800 * scale, 500 * scale)));
        RgbColor first = PlotLayout.ColorOf(plot, 0), second = PlotLayout.ColorOf(plot, 1);

        Assert.That(At(500_000, 400), Is.EqualTo(first), "a dot");
        Assert.That(At(750_000, 600), Is.EqualTo(first), "the line");
        Assert.That(At(750_000, 200), Is.EqualTo(second), "the flat line");
        Assert.That(At(1_100_000, 200), Is.Not.EqualTo(second), "right of the axis");
        byte Tint(byte channel) => (byte)(255 + (channel - 255) * 0.18f + 0.5f);
        Assert.That(
            At(730_000, 545), Is.EqualTo(new RgbColor(Tint(first.R), Tint(first.G), Tint(first.B))), "the band");
        Assert.That(At(730_000, 100), Is.EqualTo(new RgbColor(255, 255, 255)), "nothing");
        Assert.That(image[0, 0].ToArray(), Is.All.EqualTo(255));

        RgbColor At(double x, double y)
        {
            PlotPoint point = layout.Locate(x, y);
            ReadOnlySpan<byte> pixel = image[(int)(point.X * scale), (int)(point.Y * scale)];
            return new RgbColor(pixel[0], pixel[1], pixel[2]);
        }
    }

    [Test]
    public void Both_files_are_written_and_others_refused()
    {
        using var folder = new TemporaryFolder();
        Example().Save(folder["plot.svg"]);
        Example().Save(folder["plot.png"]);
        Assert.That(XDocument.Load(folder["plot.svg"]).Root!.Name, Is.EqualTo(Svg + "svg"));
        Assert.That(PngImage.Load(folder["plot.png"]).Width, Is.EqualTo(1600));
        Assert.That(
            () => Example().Save(folder["plot.pdf"]),
            Throws.ArgumentException.With.Message.Contains("expected the extension .svg or .png"));
        Assert.That(() => Example().Save(folder["none/plot.svg"]), Throws.InstanceOf<IOException>());
        Assert.That(folder.Files, Is.EqualTo(new[] { "plot.png", "plot.svg" }));
    }

    [Test]
    public void The_same_plot_gives_the_same_bytes()
    {
        LinePlot first = Example(), second = Example();
        Assert.That(second.ToSvg(), Is.EqualTo(first.ToSvg()));
        Assert.That(second.ToImage().Pixels.AsSpan().SequenceEqual(first.ToImage().Pixels));
    }

    [Test]
    public void A_gap_parts_the_line_and_a_lone_point_gets_a_dot()
    {
        var plot = new LinePlot
        {
            Series =
            [
                new("", [0, 1, 2, 3, 4, 5], [1, 2, double.NaN, 3, double.PositiveInfinity, 5]), new("", [0, 1], [3, 3]),
            ],
        };
        XElement svg = XDocument.Parse(plot.ToSvg()).Root!;
        Assert.That(svg.Elements(Svg + "polyline").Select(line => Points(line).Length), Is.EqualTo(new[] { 2, 2 }));
        Assert.That(svg.Descendants(Svg + "circle").Count(), Is.EqualTo(2));
    }

    private static IEnumerable<LinePlot> Odd()
    {
        double[][] values =
        [
            [], [7], [5, 5], [-1e149, 1e149], [1e-300, 2e-300], [double.NaN, double.NaN], [1e9, 1e9 + 1e-6],
            [1e-7, 3e-7], [-5, -1], [3e15, 4e15],
        ];
        foreach (double[] y in values)
        {
            double[] steps = [.. y.Select((_, i) => i * 1e6)], own = [.. y.Select(v => double.IsNaN(v) ? 0 : v)];
            yield return new LinePlot { Series = [new("a", steps, y)], YLabel = "y" };
            LineSeries banded = new("a", own, y) { BandLow = y, BandHigh = y };
            yield return new LinePlot { Series = [banded], Width = 240, Height = 160 };
        }

        string text = string.Concat(Enumerable.Repeat("A very long text 🏎 ", 50)) + "\u0001\uD83C";
        yield return new LinePlot
        {
            Title = text,
            XLabel = text,
            YLabel = text,
            Series = [.. Enumerable.Range(0, 60).Select(i => new LineSeries(text, [0, 1], [i, 1]))],
            ReferenceLines = [new(5, text), new(5, text), new(5.01, "x")],
        };
        yield return new LinePlot { XMin = 5, YMax = -3 };
        yield return new LinePlot { Series = [new("a", [1, 2], [3, 4])], XMax = -5, YMin = 100 };
        LineSeries scattered = new("a", [3, 1, 2], [3, 4, 5]) { LineWidth = 0, Markers = true };
        yield return new LinePlot { Series = [scattered], XMin = 1.5, XMax = 2 };
    }

    [TestCaseSource(nameof(Odd))]
    public void Odd_data_are_drawn_without_accident(LinePlot plot)
    {
        XElement svg = XDocument.Parse(plot.ToSvg()).Root!;
        var layout = new PlotLayout(plot);
        Assert.That(layout.Area.Width, Is.GreaterThan(80));
        Assert.That(layout.Area.Height, Is.GreaterThan(40));
        foreach (XAttribute attribute in svg.Descendants().Attributes())
            Assert.That(attribute.Value, Does.Not.Contain("NaN").And.Not.Contain("Infinity"));
        Assert.That(plot.ToImage(1).Width, Is.EqualTo(plot.Width));
    }

    [TestCaseSource(nameof(Odd))]
    public void Ticks_and_labels_stay_inside_and_apart(LinePlot plot)
    {
        XElement svg = XDocument.Parse(plot.ToSvg()).Root!;
        var boxes = new List<PlotArea>();
        foreach (XElement text in svg.Elements(Svg + "text").Where(text => text.Attribute("transform") is null))
        {
            double x = Number(text, "x"), y = Number(text, "y"), size = Number(text, "font-size");
            bool bold = text.Attribute("font-weight") is not null;
            double width = StrokeFont.Width(text.Value, new TextStyle(size, default, bold));
            x -= (string?)text.Attribute("text-anchor") switch { "middle" => width / 2, "end" => width, _ => 0 };
            var box = new PlotArea(x, y - size * 0.72, x + width, y);
            Assert.That(Math.Min(box.Left, box.Top), Is.GreaterThanOrEqualTo(0), $"{text}");
            Assert.That(box.Right <= plot.Width && box.Bottom <= plot.Height, $"{text}");
            Assert.That(boxes.Any(other => Overlap(other, box)), Is.False, $"{text}");
            boxes.Add(box);
        }

        static bool Overlap(PlotArea a, PlotArea b) =>
            a.Left < b.Right && b.Left < a.Right && a.Top < b.Bottom && b.Top < a.Bottom;
    }

    [Test]
    public void Many_points_are_thinned_without_losing_a_spike()
    {
        double[] x = [.. Enumerable.Range(0, 200_000).Select(i => (double)i)];
        double[] y = [.. x.Select(v => Math.Sin(v / 9000))];
        y[123_456] = 7;
        var plot = new LinePlot { Series = [new("a", x, y)] };
        string svg = plot.ToSvg();
        Assert.That(svg, Has.Length.LessThan(150_000));
        PlotPoint[] line = Points(XDocument.Parse(svg).Root!.Element(Svg + "polyline")!);
        PlotPoint spike = new PlotLayout(plot).Locate(123_456, 7);
        Assert.That(line, Has.Some.EqualTo(spike).Using<PlotPoint>(Near));
        Assert.That(line[0], Is.EqualTo(new PlotLayout(plot).Locate(0, y[0])).Using<PlotPoint>(Near));
        Assert.That(line[^1], Is.EqualTo(new PlotLayout(plot).Locate(199_999, y[^1])).Using<PlotPoint>(Near));
    }

    [Test]
    public void Bad_input_is_refused_naming_what_was_expected()
    {
        Refused(new() { Series = [new("a", [1, 2], [1])] }, "'a' has 2 values of X and 1 of Y");
        Refused(new() { Series = [new("a", [double.NaN], [1])] }, "X[0] of the series 'a' is NaN");
        Refused(new() { Series = [new("a", [1], [1]) { BandLow = [1] }] }, "both or none");
        Refused(new() { Series = [new("a", [1], [1]) { BandLow = [1], BandHigh = [1, 2] }] }, "2 of BandHigh");
        Refused(new() { Series = [new("a", [1], [1]) { Opacity = 0 }] }, "Opacity 0");
        Refused(new() { Series = [new("a", [1], [1]) { LineWidth = -1 }] }, "LineWidth -1");
        Refused(new() { ReferenceLines = [new(double.NaN, "r")] }, "'r' is at NaN");
        Refused(new() { Width = 10 }, "240 to 4000");
        Refused(new() { YMin = 2, YMax = 1 }, "YMin < YMax");
        Assert.That(() => new LineSeries("a", [1], [1]).WithDeviation([]), Throws.ArgumentException);
        Assert.That(() => new LinePlot().ToImage(0), Throws.InstanceOf<ArgumentOutOfRangeException>());

        static void Refused(LinePlot plot, string expected)
        {
            Assert.That(plot.ToSvg, Throws.ArgumentException.With.Message.Contains(expected));
            Assert.That(() => plot.ToImage(), Throws.ArgumentException.With.Message.Contains(expected));
        }
    }

    private static PlotPoint[] Points(XElement shape) =>
    [
        .. shape.Attribute("points")!.Value.Split(' ')
            .Select(pair => pair.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)))
            .Select(pair => new PlotPoint(pair.First(), pair.Last())),
    ];

    private static PlotPoint[] Located(PlotLayout layout, params (double X, double Y)[] values) =>
        [.. values.Select(value => layout.Locate(value.X, value.Y))];

    private static bool Near(PlotPoint a, PlotPoint b) => Math.Abs(a.X - b.X) < 0.01 && Math.Abs(a.Y - b.Y) < 0.01;

    private static double Number(XElement element, string name) =>
        double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
