using System.Text;
using Dqn.Files;

namespace Dqn.Media;

/// <summary>A diagram of lines over numeric axes, as SVG or PNG, both from one layout.</summary>
public sealed record LinePlot
{
    /// <summary>Above the plot. Default empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>What the horizontal axis shows. Default empty.</summary>
    public string XLabel { get; init; } = "";

    /// <summary>What the vertical axis shows. Default empty.</summary>
    public string YLabel { get; init; } = "";

    /// <summary>Drawn in this order. Default none: empty axes.</summary>
    public IReadOnlyList<LineSeries> Series { get; init; } = [];

    /// <summary>Horizontal lines. Default none.</summary>
    public IReadOnlyList<ReferenceLine> ReferenceLines { get; init; } = [];

    /// <summary>The whole picture's width in units; SVG takes them for pixels. 240 to 4000. Default 800.</summary>
    public int Width { get; init; } = 800;

    /// <summary>The whole picture's height in units, 160 to 4000. Default 500.</summary>
    public int Height { get; init; } = 500;

    /// <summary>The horizontal axis's lower end. Default null: what the data need.</summary>
    public double? XMin { get; init; }

    /// <summary>The horizontal axis's upper end. Default null: what the data need.</summary>
    public double? XMax { get; init; }

    /// <summary>The vertical axis's lower end. Default null: what the data need.</summary>
    public double? YMin { get; init; }

    /// <summary>The vertical axis's upper end. Default null: what the data need.</summary>
    public double? YMax { get; init; }

    /// <summary>The plot as an SVG document.</summary>
    /// <exception cref="ArgumentException">
    /// A property is out of its range, or a series' lists differ in length.
    /// </exception>
    public string ToSvg()
    {
        Validate();
        using var canvas = new SvgCanvas(Width, Height);
        new PlotLayout(this).Draw(canvas);
        return canvas.Finish();
    }

    /// <summary>The plot as a picture.</summary>
    /// <param name="scale">Pixels per unit, 0.5 to 8. Default 2: sharp on today's screens.</param>
    /// <exception cref="ArgumentException">
    /// A property is out of its range, or a series' lists differ in length.
    /// </exception>
    public PngImage ToImage(double scale = 2)
    {
        if (!(scale is >= 0.5 and <= 8))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected 0.5 to 8 pixels per unit.");
        Validate();
        var canvas = new RasterCanvas(Width, Height, scale);
        new PlotLayout(this).Draw(canvas);
        return canvas.Image;
    }

    /// <summary>Writes the plot to a file, <c>.svg</c> or <c>.png</c>: whole, or not at all.</summary>
    /// <param name="path">The file, replaced when it exists.</param>
    /// <exception cref="ArgumentException">
    /// Another extension, a property out of its range, or a series whose lists differ in length.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".png":
                ToImage().Save(path);
                break;
            case ".svg":
                byte[] svg = Encoding.UTF8.GetBytes(ToSvg());
                ReplacingFile.Write(path, stream => stream.Write(svg));
                break;
            default:
                throw new ArgumentException(
                    $"Cannot save a plot as '{path}': expected the extension .svg or .png.", nameof(path));
        }
    }

    /// <summary>Equal in every property, the lists by what they hold.</summary>
    public bool Equals(LinePlot? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && (Title, XLabel, YLabel) == (other.Title, other.XLabel, other.YLabel) &&
        (Width, Height) == (other.Width, other.Height) && (XMin, XMax, YMin, YMax).Equals((other.XMin, other.XMax, other.YMin, other.YMax)) &&
        Series.SequenceEqual(other.Series) && ReferenceLines.SequenceEqual(other.ReferenceLines));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Title, XLabel, YLabel, Width, Height, Series.Count, ReferenceLines.Count);

    private void Validate()
    {
        if (Width is < 240 or > 4000 || Height is < 160 or > 4000)
            throw new ArgumentException(
                $"Expected a plot of 240 to 4000 by 160 to 4000 units, got {Width} by {Height}.");
        CheckEnds(XMin, XMax, "X");
        CheckEnds(YMin, YMax, "Y");
        foreach (LineSeries series in Series)
            series.Validate();
        foreach (ReferenceLine line in ReferenceLines)
            if (!AxisRange.IsDrawable(line.Y))
                throw new ArgumentException(
                    $"The reference line '{line.Label}' is at {line.Y}: expected a finite number.");
    }

    private static void CheckEnds(double? min, double? max, string axis)
    {
        if (!AxisRange.IsDrawable(min ?? 0) || !AxisRange.IsDrawable(max ?? 0) || min >= max)
            throw new ArgumentException($"Expected finite {axis}Min < {axis}Max, got {min} and {max}.");
    }
}
