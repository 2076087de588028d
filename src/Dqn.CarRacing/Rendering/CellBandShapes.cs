using System.Runtime.Intrinsics;

namespace Dqn.CarRacing;

internal sealed unsafe partial class CellBand
{
    // What has no spans: rows that it may be asked for.
    private static readonly Shape NoShape = new() { SpanTop = 1 << 20 };

    private ShapeList _shapes = new();

    /// <summary>Draws what the band shows of shapes.</summary>
    public void Draw(ShapeList shapes)
    {
        _shapes = shapes;
        for (int i = 0; i < shapes.Count; i++)
        {
            ref readonly Shape shape = ref shapes[i];
            if (shape.Top > _high || shape.Bottom < _low)
                continue;
            ReserveBlocks();
            if (shape.Lines >= 0)
            {
                // What this and the next two fill need not be drawn smoothly before: often a tile's far edge.
                _cover0 = CoverOf(shape);
                _cover1 = CoverOf(i + 1 < shapes.Count ? shapes[i + 1] : NoShape);
                _cover2 = CoverOf(i + 2 < shapes.Count ? shapes[i + 2] : NoShape);
                foreach (ref readonly SmoothLine line in shapes.LinesOf(shape))
                    Draw(line, shape.Color);
            }

            if (shape.CornerCount > 0)
                FillRows(shape);
            else
                FillSpans(shape);
        }
    }

    private void FillSpans(in Shape shape)
    {
        uint* averages = _averages + shape.Color * Cells;
        var color = Vector512.Create(_colors[shape.Color]);
        int* left = _shapes.Numbers + shape.Left, right = _shapes.Numbers + shape.Right;
        ushort* begins = _begins, ends = _ends;
        uint* masks = _masks;
        nint last = Math.Min(shape.SpanTop + shape.SpanRows - 1, _high);
        nint first = Math.Max(shape.SpanTop, _low);
        uint* row = Row((int)first);
        for (nint y = first; y <= last; y++, row -= Cells)
            if (left[y] <= right[y])
                FillSpan(row, left[y], right[y], averages, color, begins, ends, masks);
    }

    // Any polygon, with as many spans in a row as it has.
    private void FillRows(in Shape shape)
    {
        ReadOnlySpan<Point> corners = _shapes.CornersOf(shape);
        Span<int> crossings = stackalloc int[CarOutline.MaximumPoints];
        int bottom = corners[0].Y;
        foreach (Point corner in corners)
            bottom = Math.Max(bottom, corner.Y);

        for (int y = Math.Max(shape.Top, _low); y <= Math.Min(shape.Bottom, _high); y++)
        {
            int count = 0;
            for (int i = 0; i < corners.Length; i++)
            {
                Point a = corners[i == 0 ? corners.Length - 1 : i - 1], b = corners[i];
                if (a.Y > b.Y)
                    (a, b) = (b, a);
                if (a.Y != b.Y && y >= a.Y && (y < b.Y || (y == b.Y && y == bottom)))
                    crossings[count++] = ShapeList.Crossing(a, b, y, shape.Smooth);
            }

            crossings[..count].Sort();
            for (int i = 0; i + 1 < count; i += 2)
            {
                int left = crossings[i], right = crossings[i + 1];
                if (shape.Smooth)
                    (left, right) = (ShapeList.Round(left + 1), ShapeList.Round(right - 1));
                FillClipped(y, Math.Min(left, right), Math.Max(left, right), shape.Color);
            }
        }
    }

    /// <summary>Fills what the surface shows of a span; both ends included.</summary>
    private void FillClipped(int y, int left, int right, int color)
    {
        left = Math.Max(left, _left);
        right = Math.Min(right, _right);
        if (left <= right)
            FillSpan(y, left, right, color);
    }
}
