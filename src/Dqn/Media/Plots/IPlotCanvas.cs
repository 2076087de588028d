namespace Dqn.Media;

/// <summary>A point of a plot in units, from the top left corner, downwards.</summary>
internal readonly record struct PlotPoint(double X, double Y);

/// <summary>A rectangle of a plot in units.</summary>
internal readonly record struct PlotArea(double Left, double Top, double Right, double Bottom)
{
    public double Width => Right - Left;

    public double Height => Bottom - Top;
}

/// <summary>Which point of a text its position names.</summary>
internal enum TextAnchor
{
    Start,
    Middle,
    End,
}

/// <summary>A text's look.</summary>
/// <param name="Size">The font's size in units.</param>
/// <param name="Color">The colour.</param>
/// <param name="Bold">Heavier.</param>
internal readonly record struct TextStyle(double Size, RgbColor Color, bool Bold = false);

/// <summary>What a plot is drawn with.</summary>
internal interface IPlotCanvas
{
    void FillRectangle(PlotArea area, RgbColor color, double opacity);

    /// <summary>A horizontal or vertical line, as sharp as the canvas can.</summary>
    void Rule(PlotPoint from, PlotPoint to, double width, RgbColor color);

    /// <summary>Joined points. Only what lies in <paramref name="clip"/> shows.</summary>
    /// <param name="points">At least two.</param>
    /// <param name="width">The line's width in units.</param>
    /// <param name="color">The colour.</param>
    /// <param name="opacity">Above 0 to 1, for the line as a whole.</param>
    /// <param name="dash">
    /// Length of a dash in units, followed by a gap of three quarters of it; 0: a solid line.
    /// </param>
    /// <param name="clip">What is seen.</param>
    void Polyline(
        IReadOnlyList<PlotPoint> points, double width, RgbColor color, double opacity, double dash, PlotArea clip);

    /// <summary>The area that the closed polygon surrounds. Only what lies in <paramref name="clip"/> shows.</summary>
    void Polygon(IReadOnlyList<PlotPoint> points, RgbColor color, double opacity, PlotArea clip);

    /// <summary>Dots of one look. Only what lies in <paramref name="clip"/> shows.</summary>
    void Dots(IReadOnlyList<PlotPoint> centres, double radius, RgbColor color, double opacity, PlotArea clip);

    /// <summary>One line of text.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="position">On the baseline.</param>
    /// <param name="anchor">Which end of the text is at <paramref name="position"/>.</param>
    /// <param name="style">Its look.</param>
    /// <param name="upwards">Runs from bottom to top.</param>
    void Text(string text, PlotPoint position, TextAnchor anchor, TextStyle style, bool upwards = false);
}
