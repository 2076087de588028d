namespace Dqn.Media;

/// <summary>
/// Where everything of a <see cref="LinePlot"/> goes, and the drawing of it, top to bottom of the picture's depth.
/// </summary>
internal sealed class PlotLayout
{
    private const double Pad = 16, TickLength = 4, TickGap = 4, DotRadius = 3, ColumnWidth = 0.5, BandOpacity = 0.18;
    private const int MaxIntervals = 8;
    private const double LegendRow = 20, LegendSwatch = 22, LegendGap = 7, LegendSpacing = 20;

    private static readonly RgbColor Background = new(255, 255, 255);
    private static readonly RgbColor Ink = new(0x1F, 0x25, 0x2E);
    private static readonly RgbColor SoftInk = new(0x4A, 0x52, 0x5E);
    private static readonly RgbColor Grid = new(0xE4, 0xE7, 0xEC);
    private static readonly RgbColor Axis = new(0x8A, 0x93, 0xA0);

    private static readonly TextStyle TitleStyle = new(16, Ink, Bold: true);
    private static readonly TextStyle LabelStyle = new(13, Ink);
    private static readonly TextStyle TickStyle = new(12, SoftInk);
    private static readonly TextStyle LegendStyle = new(12.5, Ink);

    // Told apart by lightness too, for readers who do not tell hues apart.
    private static readonly RgbColor[] Palette =
    [
        new(0x1F, 0x5F, 0xBF), new(0xE0, 0x7B, 0x1A), new(0x2A, 0x93, 0x64), new(0xC0, 0x39, 0x4B),
        new(0x7A, 0x56, 0xB8), new(0x12, 0x8F, 0xA8), new(0x9A, 0x6A, 0x3C), new(0x6B, 0x73, 0x80),
    ];

    private readonly LinePlot _plot;
    private readonly List<(int Series, PlotPoint Corner, string Name)> _legend = [];
    private readonly string[] _xLabels, _yLabels;
    private readonly double[] _xTicks, _yTicks;

    public PlotLayout(LinePlot plot)
    {
        _plot = plot;
        (double xLow, double xHigh) = XEnds();
        (double yLow, double yHigh) = YEnds();

        double top = Pad + (plot.Title.Length > 0 ? TitleStyle.Size + 10 : 0);
        top += ArrangeLegend(top);
        double bottom = plot.Height - Pad - TickStyle.Size - TickGap - TickLength
            - (plot.XLabel.Length > 0 ? LabelStyle.Size + 9 : 0);
        int yIntervals = Math.Clamp((int)((bottom - top) / 44), 1, MaxIntervals);
        Y = new AxisRange(yLow, yHigh, AxisRange.RoundStep(yHigh - yLow, yIntervals));
        _yTicks = Y.Ticks();
        _yLabels = TickLabels.Format(_yTicks, Y.Step);
        double left = Pad + (plot.YLabel.Length > 0 ? LabelStyle.Size + 11 : 0)
            + Widest(_yLabels, TickStyle) + TickGap + TickLength;

        // The last tick's label may stand out to the right, and how far depends on the ticks: the widest counts.
        double widestReference =
            plot.ReferenceLines.Select(line => TextWidth(line.Label, TickStyle) + 6).DefaultIfEmpty().Max();
        double right = plot.Width - Pad - Math.Min(plot.Width * 0.25, widestReference);
        int intervals = Math.Clamp((int)((right - left) / 50), 1, MaxIntervals);
        while (true)
        {
            X = new AxisRange(xLow, xHigh, AxisRange.RoundStep(xHigh - xLow, intervals));
            _xTicks = X.Ticks();
            _xLabels = TickLabels.Format(_xTicks, X.Step);
            double spacing = (right - left) * X.Step / (xHigh - xLow);
            if (intervals == 1 || Widest(_xLabels, TickStyle) + 18 <= spacing)
                break;
            intervals--;
        }

        if (_xTicks.Length > 0)
        {
            double standsOut = TextWidth(_xLabels[^1], TickStyle) / 2
                - (right - left) * (xHigh - _xTicks[^1]) / (xHigh - xLow);
            right = Math.Min(right, plot.Width - 8 - standsOut);
        }

        Area = new PlotArea(Math.Round(left), Math.Round(top), Math.Round(right), Math.Round(bottom));
    }

    /// <summary>Where the data are drawn.</summary>
    public PlotArea Area { get; }

    public AxisRange X { get; }

    public AxisRange Y { get; }

    /// <summary>Where a value is drawn.</summary>
    public PlotPoint Locate(double x, double y) => new(
        Area.Left + (x - X.Low) / (X.High - X.Low) * Area.Width,
        Area.Bottom - (y - Y.Low) / (Y.High - Y.Low) * Area.Height);

    public static RgbColor ColorOf(LinePlot plot, int series) =>
        plot.Series[series].Color ?? Palette[series % Palette.Length];

    public void Draw(IPlotCanvas canvas)
    {
        canvas.FillRectangle(new PlotArea(0, 0, _plot.Width, _plot.Height), Background, 1);
        foreach (double x in _xTicks)
            canvas.Rule(Locate(x, Y.Low), Locate(x, Y.High), 1, Grid);
        foreach (double y in _yTicks)
            canvas.Rule(Locate(X.Low, y), Locate(X.High, y), 1, Grid);

        for (int i = 0; i < _plot.Series.Count; i++)
            DrawBand(canvas, _plot.Series[i], ColorOf(_plot, i));
        DrawReferenceLines(canvas);
        for (int i = 0; i < _plot.Series.Count; i++)
            DrawLine(canvas, _plot.Series[i], ColorOf(_plot, i));

        DrawAxes(canvas);
        DrawLegend(canvas);
        if (_plot.Title.Length > 0)
            canvas.Text(
                Shorten(_plot.Title, TitleStyle, _plot.Width - Pad - Area.Left),
                new PlotPoint(Area.Left, Pad + TitleStyle.Size * 0.8), TextAnchor.Start, TitleStyle);
    }

    // Lines at the edge keep their whole width.
    private PlotArea Clip => new(Area.Left - 4, Area.Top - 4, Area.Right + 4, Area.Bottom + 4);

    private void DrawBand(IPlotCanvas canvas, LineSeries series, RgbColor color)
    {
        if (series.BandLow is not { } low || series.BandHigh is not { } high)
            return;
        foreach ((int start, int end) in Polylines.Runs(
                     low.Count, i => AxisRange.IsDrawable(low[i]) && AxisRange.IsDrawable(high[i])))
        {
            if (end - start == 1)
            {
                PlotPoint foot = Locate(series.X[start], low[start]), head = Locate(series.X[start], high[start]);
                canvas.Polyline([foot, head], 5, color, BandOpacity, 0, Area);
                continue;
            }

            List<PlotPoint> upper = Points(series.X, high, start, end), lower = Points(series.X, low, start, end);
            lower.Reverse();
            canvas.Polygon([.. upper, .. lower], color, BandOpacity, Area);
        }
    }

    private void DrawLine(IPlotCanvas canvas, LineSeries series, RgbColor color)
    {
        var dots = new List<PlotPoint>();
        foreach ((int start, int end) in Polylines.Runs(series.Y.Count, i => AxisRange.IsDrawable(series.Y[i])))
        {
            if (end - start > 1 && series.LineWidth > 0)
                canvas.Polyline(
                    Points(series.X, series.Y, start, end), series.LineWidth, color, series.Opacity, 0, Clip);
            if (series.Markers || end - start == 1)
                for (int i = start; i < end; i++)
                    dots.Add(Locate(series.X[i], series.Y[i]));
        }

        if (dots.Count > 0)
            canvas.Dots(dots, Math.Max(DotRadius, series.LineWidth), color, series.Opacity, Clip);
    }

    private List<PlotPoint> Points(IReadOnlyList<double> x, IReadOnlyList<double> y, int start, int end)
    {
        var points = new List<PlotPoint>(end - start);
        for (int i = start; i < end; i++)
            points.Add(Locate(x[i], y[i]));
        return Polylines.Thin(points, ColumnWidth);
    }

    private void DrawReferenceLines(IPlotCanvas canvas)
    {
        var labelled = new List<ReferenceLine>();
        foreach (ReferenceLine line in _plot.ReferenceLines.OrderByDescending(line => line.Y))
        {
            PlotPoint from = Locate(X.Low, line.Y), to = Locate(X.High, line.Y);
            if (from.Y < Area.Top - 0.5 || from.Y > Area.Bottom + 0.5)
                continue;
            canvas.Polyline([from, to], 1.25, line.Color, 1, 6, Clip with { Left = Area.Left, Right = Area.Right });
            if (line.Label.Length > 0)
                labelled.Add(line);
        }

        double[] baselines = Apart([.. labelled.Select(line => Locate(X.High, line.Y).Y + TickStyle.Size * 0.36)]);
        for (int i = 0; i < baselines.Length; i++)
        {
            canvas.Text(
                Shorten(labelled[i].Label, TickStyle, _plot.Width - 8 - Area.Right - 6),
                new PlotPoint(Area.Right + 6, baselines[i]), TextAnchor.Start,
                TickStyle with { Color = labelled[i].Color });
        }
    }

    // Baselines from the top down, moved so that none is nearer to the next than a line, nor below the plot's bottom,
    // where the horizontal axis has its own labels.
    private double[] Apart(double[] baselines)
    {
        double spacing = TickStyle.Size + 2;
        for (int i = 1; i < baselines.Length; i++)
            baselines[i] = Math.Max(baselines[i], baselines[i - 1] + spacing);
        double lowest = Area.Bottom + TickStyle.Size * 0.36;
        for (int i = baselines.Length - 1; i >= 0; i--, lowest -= spacing)
            baselines[i] = Math.Min(baselines[i], lowest);
        return baselines;
    }

    private void DrawAxes(IPlotCanvas canvas)
    {
        canvas.Rule(new(Area.Left, Area.Top), new(Area.Left, Area.Bottom), 1, Axis);
        canvas.Rule(new(Area.Left, Area.Bottom), new(Area.Right, Area.Bottom), 1, Axis);
        for (int i = 0; i < _xTicks.Length; i++)
        {
            PlotPoint at = Locate(_xTicks[i], Y.Low);
            canvas.Rule(at, at with { Y = at.Y + TickLength }, 1, Axis);
            canvas.Text(
                _xLabels[i], at with { Y = at.Y + TickLength + TickGap + TickStyle.Size * 0.8 }, TextAnchor.Middle,
                TickStyle);
        }

        for (int i = 0; i < _yTicks.Length; i++)
        {
            PlotPoint at = Locate(X.Low, _yTicks[i]);
            canvas.Rule(at with { X = at.X - TickLength }, at, 1, Axis);
            canvas.Text(
                _yLabels[i], new PlotPoint(at.X - TickLength - TickGap, at.Y + TickStyle.Size * 0.36), TextAnchor.End,
                TickStyle);
        }

        var middle = new PlotPoint((Area.Left + Area.Right) / 2, (Area.Top + Area.Bottom) / 2);
        if (_plot.XLabel.Length > 0)
            canvas.Text(
                Shorten(_plot.XLabel, LabelStyle, Area.Width),
                middle with { Y = _plot.Height - Pad + LabelStyle.Size * 0.1 }, TextAnchor.Middle, LabelStyle);
        if (_plot.YLabel.Length > 0)
            canvas.Text(
                Shorten(_plot.YLabel, LabelStyle, Area.Height),
                middle with { X = Pad + LabelStyle.Size * 0.7 }, TextAnchor.Middle, LabelStyle, upwards: true);
    }

    /// <summary>Fills <see cref="_legend"/>, rows from the plot's left; the height that it takes.</summary>
    private double ArrangeLegend(double top)
    {
        int[] named = [.. Enumerable.Range(0, _plot.Series.Count).Where(i => _plot.Series[i].Name.Length > 0)];
        if (named.Length < 2 && !_plot.Series.Any(series => series.BandLow is not null))
            return 0;

        // The plot keeps at least half of the height, whatever the number of series.
        int maxRows = Math.Max(1, (int)((_plot.Height / 2 - top) / LegendRow));
        double x = 0, width = _plot.Width - 5 * Pad;
        int row = 0;
        foreach (int series in named)
        {
            string name = Shorten(_plot.Series[series].Name, LegendStyle, width - LegendSwatch - LegendGap);
            double taken = LegendSwatch + LegendGap + TextWidth(name, LegendStyle);
            if (x > 0 && x + taken > width)
                (x, row) = (0, row + 1);
            if (row == maxRows)
                break;
            _legend.Add((series, new PlotPoint(x, top + row * LegendRow), name));
            x += taken + LegendSpacing;
        }

        return _legend.Count == 0 ? 0 : (_legend[^1].Corner.Y - top) + LegendRow + 8;
    }

    private void DrawLegend(IPlotCanvas canvas)
    {
        var whole = new PlotArea(0, 0, _plot.Width, _plot.Height);
        foreach ((int index, PlotPoint corner, string name) in _legend)
        {
            LineSeries series = _plot.Series[index];
            RgbColor color = ColorOf(_plot, index);
            double left = Area.Left + corner.X, middle = corner.Y + LegendRow / 2;
            double right = left + LegendSwatch, radius = Math.Max(DotRadius, series.LineWidth);
            if (series.BandLow is not null)
                canvas.FillRectangle(new PlotArea(left, middle - 6, right, middle + 6), color, BandOpacity);
            if (series.LineWidth > 0)
                canvas.Polyline(
                    [new(left, middle), new(right, middle)], series.LineWidth, color, series.Opacity, 0, whole);
            if (series.Markers)
                canvas.Dots([new((left + right) / 2, middle)], radius, color, series.Opacity, whole);
            canvas.Text(
                name, new PlotPoint(right + LegendGap, middle + LegendStyle.Size * 0.35), TextAnchor.Start,
                LegendStyle);
        }
    }

    private (double Low, double High) XEnds()
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (LineSeries series in _plot.Series)
            foreach (double x in series.X)
                (low, high) = (Math.Min(low, x), Math.Max(high, x));
        double margin = _plot.Series.Any(series => series.Markers) ? 0.015 : 0;
        return AxisRange.Ends(low, high, _plot.XMin, _plot.XMax, margin);
    }

    private (double Low, double High) YEnds()
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (LineSeries series in _plot.Series)
            foreach (double y in series.Y.Concat(series.BandLow ?? []).Concat(series.BandHigh ?? []))
                if (AxisRange.IsDrawable(y))
                    (low, high) = (Math.Min(low, y), Math.Max(high, y));
        foreach (ReferenceLine line in _plot.ReferenceLines)
            (low, high) = (Math.Min(low, line.Y), Math.Max(high, line.Y));
        return AxisRange.Ends(low, high, _plot.YMin, _plot.YMax, 0.05);
    }

    private static double Widest(string[] texts, TextStyle style) =>
        texts.Select(text => TextWidth(text, style)).DefaultIfEmpty().Max();

    private static double TextWidth(string text, TextStyle style) => StrokeFont.Width(text, style);

    private static string Shorten(string text, TextStyle style, double width)
    {
        if (TextWidth(text, style) <= width)
            return text;
        int length = text.Length;
        while (length > 1 && TextWidth(text[..length] + "…", style) > width)
            length--;
        if (char.IsHighSurrogate(text[length - 1]))
            length--;
        return text[..length].TrimEnd() + "…";
    }
}
