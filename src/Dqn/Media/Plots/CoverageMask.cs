namespace Dqn.Media;

/// <summary>
/// How much of each pixel one shape covers, 0 … 1: shapes are added, then painted at once, so that a line that crosses
/// itself is no darker there. Pixel (x, y) is the square from (x, y) to (x + 1, y + 1).
/// </summary>
internal sealed class CoverageMask
{
    // Sub-rows per row of pixels; along a row coverage is exact.
    private const int SubRows = 8;

    private readonly int _width, _height;
    private readonly float[] _coverage;

    // What has been touched since the last painting; empty: left = width.
    private int _left, _top, _right, _bottom;

    public CoverageMask(int width, int height)
    {
        (_width, _height) = (width, height);
        _coverage = new float[checked(width * height)];
        (_left, _top) = (width, height);
    }

    /// <summary>Adds a straight line with round ends, or with both ends the same, a disc.</summary>
    public void AddStroke(double x0, double y0, double x1, double y1, double radius)
    {
        double reach = radius + 0.5, dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
        double inverse = length2 > 0 ? 1 / length2 : 0;
        int top = Row(Math.Min(y0, y1) - reach), bottom = Row(Math.Max(y0, y1) + reach + 1);
        for (int y = top; y < bottom; y++)
        {
            // Of a long slanted line only the part near this row.
            double middle = y + 0.5, from = Math.Min(x0, x1) - reach, to = Math.Max(x0, x1) + reach;
            if (Math.Abs(dy) > 1e-9)
            {
                double centre = x0 + (middle - y0) * dx / dy, half = reach * Math.Sqrt(length2) / Math.Abs(dy);
                (from, to) = (Math.Max(from, centre - half), Math.Min(to, centre + half));
            }

            int left = Column(from), right = Column(to + 1);
            if (left >= right)
                continue;
            for (int x = left; x < right; x++)
            {
                double px = x + 0.5 - x0, py = middle - y0, t = Math.Clamp((px * dx + py * dy) * inverse, 0, 1);
                double ex = px - t * dx, ey = py - t * dy;
                var covered = (float)Math.Min(1, reach - Math.Sqrt(ex * ex + ey * ey));
                ref float pixel = ref _coverage[y * _width + x];
                if (covered > pixel)
                    pixel = covered;
            }

            Touch(left, y, right);
        }
    }

    /// <summary>Adds what a closed polygon surrounds; where it surrounds twice, it does not (even-odd rule).</summary>
    public void AddPolygon(IReadOnlyList<PlotPoint> points)
    {
        double least = points.Min(point => point.Y), greatest = points.Max(point => point.Y);
        int top = Row(least), bottom = Row(greatest + 1);
        if (top >= bottom)
            return;

        var crossings = new List<double>[(bottom - top) * SubRows];
        for (int i = 0; i < crossings.Length; i++)
            crossings[i] = [];
        for (int i = 0; i < points.Count; i++)
        {
            PlotPoint a = points[i], b = points[(i + 1) % points.Count];
            if (a.Y > b.Y)
                (a, b) = (b, a);
            int first = SubRow(a.Y), end = SubRow(b.Y);
            for (int s = first; s < end; s++)
                crossings[s].Add(a.X + (top + (s + 0.5) / SubRows - a.Y) * (b.X - a.X) / (b.Y - a.Y));
        }

        for (int s = 0; s < crossings.Length; s++)
        {
            crossings[s].Sort();
            for (int k = 0; k + 1 < crossings[s].Count; k += 2)
                AddSpan(top + s / SubRows, crossings[s][k], crossings[s][k + 1]);
        }

        // The first sub-row whose middle is not above y.
        int SubRow(double y) => (int)Math.Clamp(Math.Ceiling((y - top) * SubRows - 0.5), 0, crossings.Length);
    }

    /// <summary>
    /// Mixes a colour into an RGB picture of the mask's size by coverage, inside a rectangle, and empties the mask.
    /// </summary>
    public void Paint(Span<byte> rgb, RgbColor color, float opacity, int left, int top, int right, int bottom)
    {
        for (int y = _top; y < _bottom; y++)
        {
            Span<float> row = _coverage.AsSpan(y * _width, _width);
            if (y >= top && y < bottom)
                for (int x = Math.Max(_left, left); x < Math.Min(_right, right); x++)
                {
                    float alpha = Math.Min(1, row[x]) * opacity;
                    if (alpha <= 0)
                        continue;
                    Span<byte> pixel = rgb.Slice(3 * (y * _width + x), 3);
                    pixel[0] = Mix(pixel[0], color.R, alpha);
                    pixel[1] = Mix(pixel[1], color.G, alpha);
                    pixel[2] = Mix(pixel[2], color.B, alpha);
                }

            row[_left.._right].Clear();
        }

        (_left, _top, _right, _bottom) = (_width, _height, 0, 0);
    }

    private void AddSpan(int y, double from, double to)
    {
        (from, to) = (Math.Clamp(from, 0, _width), Math.Clamp(to, 0, _width));
        if (from >= to)
            return;
        int left = (int)from, right = Math.Min(_width, (int)Math.Ceiling(to));
        for (int x = left; x < right; x++)
            _coverage[y * _width + x] += (float)(Math.Min(to, x + 1) - Math.Max(from, x)) / SubRows;
        Touch(left, y, right);
    }

    private void Touch(int left, int y, int right)
    {
        _left = Math.Min(_left, left);
        _right = Math.Max(_right, right);
        _top = Math.Min(_top, y);
        _bottom = Math.Max(_bottom, y + 1);
    }

    private int Column(double x) => (int)Math.Clamp(Math.Floor(x), 0, _width);

    private int Row(double y) => (int)Math.Clamp(Math.Floor(y), 0, _height);

    private static byte Mix(byte under, byte over, float alpha) => (byte)(under + (over - under) * alpha + 0.5f);
}
