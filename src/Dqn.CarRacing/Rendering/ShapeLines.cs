namespace Dqn.CarRacing;

internal sealed unsafe partial class ShapeList
{
    private void AddLine(Point from, Point to)
    {
        ref SmoothLine line = ref _lines[_lineCount++];
        line = default;
        if (!LineClip.Clip(ref from, ref to, Camera.Width - 1, Camera.Height - 1))
            return;

        (Point upper, Point lower) = from.Y <= to.Y ? (from, to) : (to, from);
        if (lower.Y < FirstRow)
            return;
        int dx = Math.Abs(lower.X - upper.X), dy = lower.Y - upper.Y;
        (line.X, line.Y, line.EndX, line.Rows) = (upper.X, upper.Y, lower.X, dy);
        line.Step = upper.X <= lower.X ? 1 : -1;
        (line.FullX, line.FullY) = (from.X, from.Y);
        if (dx == 0)
        {
            line.Kind = LineKind.Upright;
        }
        else if (dy == 0)
        {
            line.Kind = LineKind.Flat;
        }
        else if (dy > dx)
        {
            (line.Kind, line.Slope) = (LineKind.Steep, (uint)((dx << 16) / dy));
        }
        else
        {
            (line.Kind, line.Slope) = (LineKind.Shallow, (uint)((dy << 16) / dx) << 16);
            FindPieces(ref line, dx);
        }
    }

    // Each row takes as many steps as the error needs to roll over: a whole number of slopes, and one more where what
    // was over from the rows before does not make up for the rest. At 45 degrees the slope's 32 bits have overflowed
    // to 0, and the reference goes to the next row with each step. The first step and the last are not drawn.
    private void FindPieces(ref SmoothLine line, int dx)
    {
        uint slope = line.Slope, rest = 0, over = 0;
        int whole = 1;
        if (slope != 0)
        {
            (ulong quotient, ulong remainder) = Math.DivRem(1UL << 32, slope);
            (whole, rest) = ((int)quotient, (uint)remainder);
        }

        // No more rows than the line has, and the one where it ends.
        int stride = line.Rows + 1 + Padding;
        (line.PieceLeft, line.PieceRight) = (_numberCount, _numberCount + stride);
        _numberCount += 2 * stride;
        int* lefts = Numbers + line.PieceLeft, rights = Numbers + line.PieceRight;
        int start = 0, rows = 0;
        for (; start < dx; rows++)
        {
            int end = start + whole;
            if (over < rest)
            {
                end++;
                over += slope;
            }

            over -= rest;
            int from = Math.Max(start, 1), to = Math.Min(end, dx) - 1;
            lefts[rows] = line.Step > 0 ? line.X + from : line.X - to;
            rights[rows] = line.Step > 0 ? line.X + to : line.X - from;
            start = end;
        }

        line.Rows = rows;
    }
}
