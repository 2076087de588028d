namespace Dqn.Media;

/// <summary>Draws a plot into an RGB picture with anti-aliased edges.</summary>
internal sealed class RasterCanvas : IPlotCanvas
{
    private readonly double _scale;
    private readonly CoverageMask _mask;

    public RasterCanvas(int width, int height, double scale)
    {
        _scale = scale;
        int pixelWidth = (int)Math.Round(width * scale), pixelHeight = (int)Math.Round(height * scale);
        Image = new PngImage(pixelWidth, pixelHeight, PixelFormat.Rgb, new byte[checked(3 * pixelWidth * pixelHeight)]);
        _mask = new CoverageMask(pixelWidth, pixelHeight);
    }

    public PngImage Image { get; }

    public void FillRectangle(PlotArea area, RgbColor color, double opacity) =>
        Polygon(
            [
                new(area.Left, area.Top), new(area.Right, area.Top), new(area.Right, area.Bottom),
                new(area.Left, area.Bottom),
            ],
            color, opacity, area);

    public void Rule(PlotPoint from, PlotPoint to, double width, RgbColor color)
    {
        // Whole pixels, centred where SVG's line is.
        int thickness = Math.Max(1, (int)Math.Round(width * _scale));
        if (from.Y == to.Y)
            FillPixels(Edge(from.X), AcrossEdge(from.Y), Edge(to.X), AcrossEdge(from.Y) + thickness);
        else
            FillPixels(
                AcrossEdge(from.X), Math.Min(Edge(from.Y), Edge(to.Y)),
                AcrossEdge(from.X) + thickness, Math.Max(Edge(from.Y), Edge(to.Y)));

        int Edge(double position) => (int)Math.Round(position * _scale);
        int AcrossEdge(double position) => (int)Math.Round((Math.Floor(position) + 0.5) * _scale - thickness / 2.0);

        void FillPixels(int left, int top, int right, int bottom)
        {
            for (int y = Math.Max(0, top); y < Math.Min(Image.Height, bottom); y++)
                for (int x = Math.Max(0, left); x < Math.Min(Image.Width, right); x++)
                    (Image.Pixels[3 * (y * Image.Width + x)], Image.Pixels[3 * (y * Image.Width + x) + 1],
                        Image.Pixels[3 * (y * Image.Width + x) + 2]) = (color.R, color.G, color.B);
        }
    }

    public void Polyline(
        IReadOnlyList<PlotPoint> points, double width, RgbColor color, double opacity, double dash, PlotArea clip)
    {
        double radius = Math.Max(1, width * _scale) / 2;
        double dashLeft = dash * _scale, gap = dash * 0.75 * _scale;
        bool isDash = true;
        for (int i = 1; i < points.Count; i++)
        {
            PlotPoint a = points[i - 1], b = points[i];
            double x = a.X * _scale, y = a.Y * _scale, dx = b.X * _scale - x, dy = b.Y * _scale - y;
            double length = Math.Sqrt(dx * dx + dy * dy), done = 0;
            if (dash <= 0)
            {
                _mask.AddStroke(x, y, x + dx, y + dy, radius);
                continue;
            }

            while (done < length)
            {
                // The stroke's round ends are part of the dash.
                double piece = Math.Min(dashLeft, length - done), end = Math.Min(radius, piece / 2);
                double t0 = (done + end) / length, t1 = (done + piece - end) / length;
                if (isDash)
                    _mask.AddStroke(x + dx * t0, y + dy * t0, x + dx * t1, y + dy * t1, radius);
                done += piece;
                dashLeft -= piece;
                if (dashLeft > 1e-9)
                    continue;
                isDash = !isDash;
                dashLeft = isDash ? dash * _scale : gap;
            }
        }

        Paint(color, opacity, clip);
    }

    public void Polygon(IReadOnlyList<PlotPoint> points, RgbColor color, double opacity, PlotArea clip)
    {
        _mask.AddPolygon([.. points.Select(point => new PlotPoint(point.X * _scale, point.Y * _scale))]);
        Paint(color, opacity, clip);
    }

    public void Dots(IReadOnlyList<PlotPoint> centres, double radius, RgbColor color, double opacity, PlotArea clip)
    {
        foreach (PlotPoint centre in centres)
            _mask.AddStroke(
                centre.X * _scale, centre.Y * _scale, centre.X * _scale, centre.Y * _scale, radius * _scale);
        Paint(color, opacity, clip);
    }

    public void Text(string text, PlotPoint position, TextAnchor anchor, TextStyle style, bool upwards = false)
    {
        TextStyle scaled = style with { Size = style.Size * _scale };
        double before = StrokeFont.Width(text, scaled) * (anchor switch
        {
            TextAnchor.Start => 0,
            TextAnchor.Middle => 0.5,
            _ => 1,
        });
        // The baseline lies between two rows (columns) of pixels.
        double x = position.X * _scale - (upwards ? 0 : before), y = position.Y * _scale + (upwards ? before : 0);
        (x, y) = upwards ? (Math.Round(x), y) : (x, Math.Round(y));
        foreach (PenStroke stroke in StrokeFont.Strokes(text, scaled, x, y, upwards))
            _mask.AddStroke(stroke.X0, stroke.Y0, stroke.X1, stroke.Y1, stroke.Radius);
        Paint(style.Color, 1, new PlotArea(0, 0, double.MaxValue, double.MaxValue));
    }

    private void Paint(RgbColor color, double opacity, PlotArea clip) => _mask.Paint(
        Image.Pixels, color, (float)opacity,
        Pixel(clip.Left), Pixel(clip.Top), Pixel(clip.Right), Pixel(clip.Bottom));

    private int Pixel(double position) => (int)Math.Clamp(Math.Round(position * _scale), 0, int.MaxValue);
}
