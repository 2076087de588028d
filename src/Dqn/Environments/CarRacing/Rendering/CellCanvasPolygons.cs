using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Dqn.Environments.CarRacing;

internal sealed unsafe partial class CellCanvas
{
    // Rows below are the panel's.
    private const int FirstRow = Camera.Height - Indicators.Top;

    private readonly PolygonSpans[] _spans = [new(), new(), new()];
    private readonly PolygonSpans _part = new();

    /// <summary>
    /// Draws quads with <c>gfxdraw.aapolygon</c> and <c>gfxdraw.filled_polygon</c>, one after the other, above the panel.
    /// </summary>
    public void DrawSmoothQuads(ReadOnlySpan<ColoredQuad> quads)
    {
        Span<Point> points = stackalloc Point[4];
        for (int i = 0; i < 2; i++)
        {
            if (i < quads.Length)
                _spans[i].TryFindSmooth(quads[i].CopyTo(points), FirstRow);
            else
                _spans[i].Clear();
        }

        for (int i = 0; i < quads.Length; i++)
        {
            // What this and the next two fill need not be drawn smoothly before: often a tile's far edge.
            PolygonSpans own = _spans[i % 3], last = _spans[(i + 2) % 3];
            if (i + 2 < quads.Length)
                last.TryFindSmooth(quads[i + 2].CopyTo(points), FirstRow);
            else
                last.Clear();
            (_cover0, _cover1, _cover2) = (own, _spans[(i + 1) % 3], last);

            ReserveBlocks();
            ref readonly ColoredQuad quad = ref quads[i];
            DrawSmoothLine(quad.P0, quad.P1, quad.Color);
            DrawSmoothLine(quad.P1, quad.P2, quad.Color);
            DrawSmoothLine(quad.P2, quad.P3, quad.Color);
            DrawSmoothLine(quad.P3, quad.P0, quad.Color);
            if (own.Top <= own.Bottom)
                FillSpans(own, quad.Color);
            else
                FillRows(quad.CopyTo(points), quad.Color, smooth: true);
        }
    }

    /// <summary>Draws a polygon of at most eight corners with <c>draw.polygon</c>, above the panel.</summary>
    public void DrawPolygon(ReadOnlySpan<Point> points, int color)
    {
        (int top, int bottom, int left, int right) = Bounds(points);
        if (bottom < FirstRow || top >= Camera.Height || right < 0 || left >= Camera.Width)
            return;
        ReserveBlocks();
        if (top == bottom)
        {
            FillClipped(top, left, right, color);
            return;
        }

        if (_part.TryFind(points, FirstRow))
            FillSpans(_part, color);
        else
            FillRows(points, color, smooth: false);

        // Horizontal edges that end the polygon's inside are not met by the spans.
        for (int i = 0; i < points.Length; i++)
        {
            Point a = points[i == 0 ? points.Length - 1 : i - 1], b = points[i];
            if (a.Y == b.Y && top < b.Y && b.Y < bottom && b.Y >= FirstRow && b.Y < Camera.Height)
                FillClipped(b.Y, Math.Min(a.X, b.X), Math.Max(a.X, b.X), color);
        }
    }

    /// <summary>The least and greatest coordinates.</summary>
    public static (int Top, int Bottom, int Left, int Right) Bounds(ReadOnlySpan<Point> points)
    {
        int top = points[0].Y, bottom = top, left = points[0].X, right = left;
        foreach (Point point in points[1..])
        {
            (top, bottom) = (Math.Min(top, point.Y), Math.Max(bottom, point.Y));
            (left, right) = (Math.Min(left, point.X), Math.Max(right, point.X));
        }

        return (top, bottom, left, right);
    }

    private void FillSpans(PolygonSpans spans, int color)
    {
        uint* averages = _averages + color * Cells;
        var over = Vector256.Create(_colors[color]);
        int* left = spans.Left, right = spans.Right;
        uint* row = Row(spans.Top);
        for (int y = spans.Top; y <= spans.Bottom; y++, row -= Cells)
            if (left[y] <= right[y])
                FillSpan(row, left[y], right[y], averages, over);
    }

    // Any polygon, with as many spans in a row as it has.
    private void FillRows(ReadOnlySpan<Point> points, int color, bool smooth)
    {
        Debug.Assert(points.Length <= CarOutline.MaximumPoints);
        Span<int> crossings = stackalloc int[CarOutline.MaximumPoints];
        (int top, int bottom, _, _) = Bounds(points);
        for (int y = Math.Max(top, FirstRow); y <= Math.Min(bottom, Camera.Height - 1); y++)
        {
            int count = 0;
            for (int i = 0; i < points.Length; i++)
            {
                Point a = points[i == 0 ? points.Length - 1 : i - 1], b = points[i];
                if (a.Y > b.Y)
                    (a, b) = (b, a);
                if (a.Y == b.Y || y < a.Y || y > b.Y || (y == b.Y && y != bottom))
                    continue;
                crossings[count++] = smooth
                    ? 65536 * (y - a.Y) / (b.Y - a.Y) * (b.X - a.X) + 65536 * a.X
                    : (y - a.Y) * (b.X - a.X) / (b.Y - a.Y) + a.X;
            }

            crossings[..count].Sort();
            for (int i = 0; i + 1 < count; i += 2)
            {
                int left = crossings[i], right = crossings[i + 1];
                if (smooth)
                    (left, right) = (PolygonSpans.Round(left + 1), PolygonSpans.Round(right - 1));
                FillClipped(y, Math.Min(left, right), Math.Max(left, right), color);
            }
        }
    }

    /// <summary>Fills what the surface shows of a span; both ends included.</summary>
    private void FillClipped(int y, int left, int right, int color)
    {
        left = Math.Max(left, 0);
        right = Math.Min(right, Camera.Width - 1);
        if (left <= right)
            FillSpan(y, left, right, color);
    }
}
