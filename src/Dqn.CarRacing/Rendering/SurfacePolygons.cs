namespace Dqn.CarRacing;

/// <summary>The primitives of pygame 2.1.2's <c>draw</c> module, for the car, its skid marks and the
/// indicators.</summary>
internal sealed partial class Surface
{
    /// <summary><c>draw.polygon</c> without a width: spans between intersections cut off to whole pixels.</summary>
    public void DrawPolygon(ReadOnlySpan<Point> points, uint color)
    {
        (int top, int bottom) = VerticalRange(points);
        if (top == bottom)
        {
            int left = points[0].X, right = left;
            foreach (Point point in points)
                (left, right) = (Math.Min(left, point.X), Math.Max(right, point.X));
            FillSpan(top, left, right, color);
            return;
        }

        Span<int> crossings = stackalloc int[8];
        for (int y = Math.Max(top, 0); y <= Math.Min(bottom, Height - 1); y++)
        {
            int count = 0;
            for (int i = 0; i < points.Length; i++)
            {
                Point a = points[i == 0 ? points.Length - 1 : i - 1], b = points[i];
                if (a.Y == b.Y)
                    continue;
                if (a.Y > b.Y)
                    (a, b) = (b, a);
                if ((y >= a.Y && y < b.Y) || (y == bottom && b.Y == bottom))
                    crossings[count++] = (y - a.Y) * (b.X - a.X) / (b.Y - a.Y) + a.X;
            }

            crossings[..count].Sort();
            for (int i = 0; i + 1 < count; i += 2)
                FillSpan(y, crossings[i], crossings[i + 1], color);
        }

        // Horizontal edges that end the polygon's inside are not met by the spans above.
        for (int i = 0; i < points.Length; i++)
        {
            Point a = points[i == 0 ? points.Length - 1 : i - 1], b = points[i];
            if (top < b.Y && a.Y == b.Y && b.Y < bottom)
                FillSpan(b.Y, a.X, b.X, color);
        }
    }

    /// <summary>One piece of <c>draw.lines</c> with width 2: after Bresenham, with flat ends.</summary>
    public void DrawThickLine(Point from, Point to, uint color)
    {
        (int x1, int y1, int x2, int y2) = (from.X, from.Y, to.X, to.Y);
        int dx = Math.Abs(x2 - x1), dy = Math.Abs(y2 - y1);
        int stepX = x1 < x2 ? 1 : -1, stepY = y1 < y2 ? 1 : -1;
        bool steep = dx <= dy;
        (int right, int below) = steep ? (1, 0) : (0, 1);
        int error = (dx > dy ? dx : -dy) / 2;
        if (!ClipThickLine(ref x1, ref y1, ref x2, ref y2))
            return;

        while (Sign(x1 - x2, stepX) != stepX || Sign(y1 - y2, stepY) != stepY)
            DrawPairAndAdvance();

        // The clipped end may lie before the line's own.
        while ((steep ? y1 != to.Y : x1 != to.X) && (Contains(x1, y1) || Contains(x1 + right, y1 + below)))
            DrawPairAndAdvance();
        DrawPair();

        void DrawPairAndAdvance()
        {
            DrawPair();
            int before = error;
            if (before > -dx)
            {
                error -= dy;
                x1 += stepX;
            }

            if (before < dy)
            {
                error += dx;
                y1 += stepY;
            }
        }

        void DrawPair()
        {
            Set(x1, y1, color);
            Set(x1 + right, y1 + below, color);
        }

        static int Sign(int value, int zero) => value > 0 ? 1 : value < 0 ? -1 : zero;
    }

    /// <summary>pygame's <c>clip_line</c>, after Liang and Barsky.</summary>
    private bool ClipThickLine(ref int x1, ref int y1, ref int x2, ref int y2)
    {
        int dx = x2 - x1, dy = y2 - y1;
        double enter = 0, leave = 1;
        if (!Against(dx, x1, Width) || !Against(dy, y1, Height) || enter > leave)
            return false;

        (int startX, int startY) = (x1, y1);
        x1 = startX + Round(dx * enter);
        y1 = startY + Round(dy * enter);
        x2 = startX + Round(dx * leave);
        y2 = startY + Round(dy * leave);
        return true;

        bool Against(int delta, int start, int size)
        {
            if (delta == 0)
                return start >= 0 && size - start >= 0;
            double low = (double)start / -delta, high = (double)(size - start) / delta;
            if (delta < 0)
                (low, high) = (high, low);
            enter = Math.Max(enter, low);
            leave = Math.Min(leave, high);
            return true;
        }

        static int Round(double value) => (int)(value < 0 ? value - 0.5 : value + 0.5);
    }
}
