namespace Dqn.Environments.CarRacing;

internal sealed unsafe partial class CellCanvas
{
    // Spans that are filled after the line that is being drawn, before anything looks at the pixels.
    private PolygonSpans _cover0 = new(), _cover1 = new(), _cover2 = new();

    /// <summary>
    /// A line after Xiaolin Wu without its last pixel (SDL_gfx's <c>_aalineColor</c>), where nothing covers it later.
    /// </summary>
    /// <param name="from">One end.</param>
    /// <param name="to">The other.</param>
    /// <param name="color">The colour's number.</param>
    private void DrawSmoothLine(Point from, Point to, int color)
    {
        if (!LineClip.Clip(ref from, ref to, Camera.Width - 1, Camera.Height - 1))
            return;

        (int x0, int y0, int x1, int y1) = from.Y <= to.Y ? (from.X, from.Y, to.X, to.Y) : (to.X, to.Y, from.X, from.Y);
        if (y1 < FirstRow)
            return;
        int dx = x1 - x0, dy = y1 - y0;
        if (dx == 0)
        {
            for (int y = Math.Max(y0, FirstRow); y <= y1; y++)
                FillUncovered(y, x0, x0, color);
        }
        else if (dy == 0)
        {
            FillUncovered(y0, Math.Min(x0, x1), Math.Max(x0, x1), color);
        }
        else
        {
            if (from.Y >= FirstRow)
                FillUncovered(from.Y, from.X, from.X, color);
            if (dy > Math.Abs(dx))
                DrawSteep(x0, y0, dx, dy, color);
            else
                DrawShallow(x0, y0, dx, dy, color);
        }
    }

    // Two pixels in each row.
    private void DrawSteep(int x0, int y0, int dx, int dy, int color)
    {
        int* left0 = _cover0.Left, right0 = _cover0.Right;
        int* left1 = _cover1.Left, right1 = _cover1.Right;
        int* left2 = _cover2.Left, right2 = _cover2.Right;
        int step = Math.Sign(dx);
        uint slope = (uint)((Math.Abs(dx) << 16) / dy) << 16;
        int first = Math.Max(1, FirstRow - y0);
        ulong position = (ulong)first * slope;
        for (int i = first; i < dy; i++, position += slope)
        {
            int y = y0 + i, x = x0 + step * (int)(position >> 32);
            uint weight = (uint)(position >> 24) & 255;
            if (!IsCovered(x, y))
                BlendInside(x, y, color, 255 - weight);
            if (!IsCovered(x + step, y))
                BlendInside(x + step, y, color, weight);
        }

        bool IsCovered(int x, int y) =>
            (x >= left0[y] && x <= right0[y]) || (x >= left1[y] && x <= right1[y]) || (x >= left2[y] && x <= right2[y]);
    }

    // Two pixels in each column: in each row those that the line is just below and those that it is just above.
    private void DrawShallow(int x0, int y0, int dx, int dy, int color)
    {
        int step = Math.Sign(dx);
        dx = Math.Abs(dx);
        uint shift = (uint)((dy << 16) / dx) << 16;

        // 45 degrees: the reference's 32 bits overflow to 0, which it takes for a whole row each time.
        ulong slope = shift == 0 ? 1UL << 32 : shift;
        int start = 1;
        for (int y = y0; start < dx; y++)
        {
            // The steps before the line reaches the next row.
            int end = (int)Math.Min((((ulong)(y - y0 + 1) << 32) + slope - 1) / slope, (ulong)dx);
            if (y >= FirstRow)
                BlendUncovered(y, x0, step, start, end, slope, 255, color);
            if (y + 1 >= FirstRow)
                BlendUncovered(y + 1, x0, step, start, end, slope, 0, color);
            start = end;
        }
    }

    // Steps of a shallow line within one row; complement is 255 for the row whose pixels get the rest of the weight.
    private void BlendUncovered(
        int y, int x0, int step, int start, int end, ulong slope, uint complement, int color)
    {
        if (y >= Camera.Height || start >= end)
            return;
        int left = step > 0 ? x0 + start : x0 - end + 1, right = step > 0 ? x0 + end - 1 : x0 - start;
        for (int x = left; x <= right;)
        {
            int stop = NextUncovered(y, ref x, right);
            for (; x < stop; x++)
            {
                uint weight = (uint)((ulong)Math.Abs(x - x0) * slope >> 24) & 255 ^ complement;
                BlendInside(x, y, color, weight);
            }
        }
    }

    private void FillUncovered(int y, int left, int right, int color)
    {
        for (int x = left; x <= right;)
        {
            int start = x, stop = NextUncovered(y, ref start, right);
            if (start < stop)
                FillSpan(y, start, stop - 1, color);
            x = stop;
        }
    }

    // Moves x on to the next pixel that nothing covers and says where such pixels end; right + 1 at most.
    private int NextUncovered(int y, ref int x, int right)
    {
        int stop;
        bool covered;
        do
        {
            (covered, stop) = (false, right + 1);
            Skip(_cover0, ref x);
            Skip(_cover1, ref x);
            Skip(_cover2, ref x);
        }
        while (covered && x <= right);

        return Math.Max(stop, x);

        void Skip(PolygonSpans cover, ref int x)
        {
            int first = cover.Left[y], last = cover.Right[y];
            if (x < first)
            {
                stop = Math.Min(stop, first);
            }
            else if (x <= last)
            {
                x = last + 1;
                covered = true;
            }
        }
    }

    private void BlendInside(int x, int y, int color, uint weight)
    {
        uint alpha = 255 * weight >> 8;
        if (alpha > 0 && (uint)x < Camera.Width)
            Blend(x, y, color, alpha);
    }
}
