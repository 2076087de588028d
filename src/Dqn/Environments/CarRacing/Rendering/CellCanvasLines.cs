using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Environments.CarRacing;

internal sealed unsafe partial class CellCanvas
{
    // Spans that are filled after the line that is being drawn, before anything looks at the pixels.
    // Rows of a shallow line's pieces, a few more for eight at a time.
    private const int PieceRows = Camera.Height + 8;

    private readonly int[] _pieceArray = GC.AllocateArray<int>(2 * PieceRows, pinned: true);
    private readonly int* _pieces;

    private PolygonSpans _cover0 = new(), _cover1 = new(), _cover2 = new();

    /// <summary>
    /// A line after Xiaolin Wu without its last pixel (SDL_gfx's <c>_aalineColor</c>), where nothing covers it later.
    /// </summary>
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

    // Two pixels in each row. Eight rows are looked at together: mostly one of the two is covered.
    private void DrawSteep(int x0, int y0, int dx, int dy, int color)
    {
        int step = Math.Sign(dx);
        uint slope = (uint)((Math.Abs(dx) << 16) / dy);
        var lanes = Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);
        for (int i = Math.Max(1, FirstRow - y0); i < dy; i += 8)
        {
            int y = y0 + i;
            var position = (Vector256.Create((uint)i) + lanes) * Vector256.Create(slope);
            var x = Vector256.Create(x0) + Vector256.Create(step) * (position >> 16).AsInt32();
            uint rows = dy - i < 8 ? (1u << dy - i) - 1 : 255;
            uint near = rows & ~Covered(x, y), far = rows & ~Covered(x + Vector256.Create(step), y);
            for (; near != 0; near &= near - 1)
            {
                int row = BitOperations.TrailingZeroCount(near);
                uint error = (uint)(i + row) * slope;
                Blend(x0 + step * (int)(error >> 16), y + row, color, 255 - (error >> 8 & 255));
            }

            for (; far != 0; far &= far - 1)
            {
                int row = BitOperations.TrailingZeroCount(far);
                uint error = (uint)(i + row) * slope;
                Blend(x0 + step * ((int)(error >> 16) + 1), y + row, color, error >> 8 & 255);
            }
        }
    }

    // Which of eight pixels, in a row each, are covered.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Covered(Vector256<int> x, int y)
    {
        var outside0 = Vector256.GreaterThan(Vector256.Load(_cover0.Left + y), x) | Vector256.GreaterThan(x, Vector256.Load(_cover0.Right + y));
        var outside1 = Vector256.GreaterThan(Vector256.Load(_cover1.Left + y), x) | Vector256.GreaterThan(x, Vector256.Load(_cover1.Right + y));
        var outside2 = Vector256.GreaterThan(Vector256.Load(_cover2.Left + y), x) | Vector256.GreaterThan(x, Vector256.Load(_cover2.Right + y));
        return ~(outside0 & outside1 & outside2).ExtractMostSignificantBits() & 255;
    }

    // Two pixels in each column: in each row those that the line is just below and those that it is just above.
    private void DrawShallow(int x0, int y0, int dx, int dy, int color)
    {
        int step = Math.Sign(dx);
        dx = Math.Abs(dx);
        uint slope = (uint)((dy << 16) / dx) << 16;

        // Each row takes as many steps as the error needs to roll over: a whole number of slopes, and one more where
        // what was over from the rows before does not make up for the rest. At 45 degrees the slope's 32 bits have
        // overflowed to 0, and the reference goes to the next row with each step.
        ulong whole = slope == 0 ? 1 : (1UL << 32) / slope, rest = slope == 0 ? 0 : (1UL << 32) % slope, over = 0;
        int start = 0, rows = 0;
        int* lefts = _pieces, rights = _pieces + PieceRows;
        for (; start < dx; rows++)
        {
            int end = start + (int)whole;
            if (over < rest)
            {
                end++;
                over += slope;
            }

            over -= rest;
            int from = Math.Max(start, 1), to = Math.Min(end, dx) - 1;
            lefts[rows] = step > 0 ? x0 + from : x0 - to;
            rights[rows] = step > 0 ? x0 + to : x0 - from;
            start = end;
        }

        for (int row = Math.Max(0, FirstRow - 1 - y0); row < rows; row += 8)
        {
            int y = y0 + row;
            var left = Vector256.Load(lefts + row);
            var right = Vector256.Load(rights + row);
            uint wanted = rows - row < 8 ? (1u << rows - row) - 1 : 255;
            uint upper = wanted & ~Covered(left, right, y), lower = wanted & ~Covered(left, right, y + 1);
            if (y < FirstRow)
                upper &= ~1u;
            for (; upper != 0; upper &= upper - 1)
            {
                int i = BitOperations.TrailingZeroCount(upper);
                BlendUncovered(y + i, lefts[row + i], rights[row + i], x0, slope, 255, color);
            }

            for (; lower != 0; lower &= lower - 1)
            {
                int i = BitOperations.TrailingZeroCount(lower);
                BlendUncovered(y + i + 1, lefts[row + i], rights[row + i], x0, slope, 0, color);
            }
        }
    }

    // Which of eight pieces, in a row each, are covered for certain: by one span or by the first two together.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Covered(Vector256<int> left, Vector256<int> right, int y)
    {
        var left0 = Vector256.Load(_cover0.Left + y);
        var right0 = Vector256.Load(_cover0.Right + y);
        var left1 = Vector256.Load(_cover1.Left + y);
        var right1 = Vector256.Load(_cover1.Right + y);
        var outside0 = Vector256.GreaterThan(left0, left) | Vector256.GreaterThan(right, right0);
        var outside1 = Vector256.GreaterThan(left1, left) | Vector256.GreaterThan(right, right1);
        var apart = Vector256.GreaterThan(Vector256.Max(left0, left1), Vector256.Min(right0, right1) + Vector256<int>.One)
            | Vector256.GreaterThan(Vector256.Min(left0, left1), left)
            | Vector256.GreaterThan(right, Vector256.Max(right0, right1));
        return ~(outside0 & outside1 & apart).ExtractMostSignificantBits() & 255;
    }

    // Pixels of a shallow line within one row; the complement is 255 for the row that gets the rest of the weight.
    private void BlendUncovered(int y, int left, int right, int x0, uint slope, uint complement, int color)
    {
        if (y >= Camera.Height)
            return;
        while (left <= right)
        {
            int stop = NextUncovered(y, ref left, right);
            if (left < stop)
                BlendRun(y, left, stop - 1, x0, slope, complement, color);
            left = stop;
        }
    }

    private void FillUncovered(int y, int left, int right, int color)
    {
        while (left <= right)
        {
            int stop = NextUncovered(y, ref left, right);
            if (left < stop)
                FillSpan(y, left, stop - 1, color);
            left = stop;
        }
    }

    // Moves x on to the next pixel that nothing covers, right + 1 if there is none, and says where such pixels end.
    private int NextUncovered(int y, ref int x, int right)
    {
        int left0 = _cover0.Left[y], right0 = _cover0.Right[y];
        int left1 = _cover1.Left[y], right1 = _cover1.Right[y];
        int left2 = _cover2.Left[y], right2 = _cover2.Right[y];
        int before, next = x;
        do
        {
            before = next;
            next = next >= left0 & next <= right0 ? right0 + 1 : next;
            next = next >= left1 & next <= right1 ? right1 + 1 : next;
            next = next >= left2 & next <= right2 ? right2 + 1 : next;
        }
        while (next != before);

        x = Math.Min(next, right + 1);
        int stop = right + 1;
        stop = left0 > x ? Math.Min(stop, left0) : stop;
        stop = left1 > x ? Math.Min(stop, left1) : stop;
        return left2 > x ? Math.Min(stop, left2) : stop;
    }

    // Moves a pixel's channels towards a colour.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Blend(int x, int y, int color, uint weight)
    {
        uint alpha = 255 * weight >> 8;
        if ((uint)x >= Camera.Width)
            return;
        int column = ColumnFilter.CellOf[x], pixel = x - ColumnFilter.First[column];
        BlendPixel(Row(y), column, pixel, color, alpha);

        // The pixel is the right neighbour's first as well.
        if (x == ColumnFilter.Last[column] && column + 1 < Cells)
            BlendPixel(Row(y), column + 1, 0, color, alpha);
    }

    private void BlendPixel(uint* row, int column, int pixel, int color, uint alpha)
    {
        uint word = row[column];
        uint* block;
        if (word >> 24 == Mixed)
        {
            block = _blocks + (word & 0xFFFFFF) * BlockWords;
        }
        else
        {
            block = Open(row, column, out uint* content);
            Vector256.Load(content).Store(block);
            Vector128.Load(content + 8).Store(block + 8);
        }

        // p + ((c − p) · a >> 8) is (p · (256 − a) + c · a) >> 8; two channels fit one product.
        uint under = block[pixel], over = _colors[color], keep = 256 - alpha;
        uint outer = (under & 0xFF00FF) * keep + (over & 0xFF00FF) * alpha;
        uint inner = (under >> 8 & 0xFF) * keep + (over >> 8 & 0xFF) * alpha;
        block[pixel] = outer >> 8 & 0xFF00FF | inner & 0xFF00;
    }

    // Blends neighbours in one row, a cell at a time: each pixel's weight follows from its distance to the line's start.
    private void BlendRun(int y, int left, int right, int x0, uint slope, uint complement, int color)
    {
        uint* row = Row(y);
        int column = ColumnFilter.CellOf[left];
        int end = column + 1 < Cells && ColumnFilter.First[column + 1] <= right ? ColumnFilter.CellsUpTo[right] : column;
        end = Math.Min(end, Cells - 1);
        var over = Vector256.Create(_colors[color]);
        for (; column <= end; column++)
        {
            int first = ColumnFilter.First[column];
            uint* from = _masks + FromMask(Math.Max(left - first, 0));
            uint* upTo = _masks + UpToMask(Math.Min(right - first, ColumnFilter.MaximumPixels - 1));
            uint* block = Open(row, column, out uint* content);
            var distance = Vector256.Create(first - x0) + Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7);
            Mix(Vector256.Load(content), over, distance, slope, complement, Vector256.Load(from) & Vector256.Load(upTo))
                .Store(block);
            Mix(
                Vector256.Create(Vector128.Load(content + 8), default), over, distance + Vector256.Create(8), slope, complement,
                Vector256.Create(Vector128.Load(from + 8) & Vector128.Load(upTo + 8), default)).GetLower().Store(block + 8);
        }
    }

    // Eight pixels; what the mask leaves out stays as it was.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Mix(
        Vector256<uint> under, Vector256<uint> over, Vector256<int> distance, uint slope, uint complement, Vector256<uint> mask)
    {
        // The upper 8 bits of the error after that many steps; products and sums in 16 bits for two channels each.
        var weight = Vector256.Abs(distance).AsUInt32() * Vector256.Create(slope) >> 24 ^ Vector256.Create(complement);
        var alpha = (weight * 255 >> 8) & mask;
        var alphas = (alpha | alpha << 16).AsUInt16();
        var keeps = Vector256.Create((ushort)256) - alphas;
        var low = Vector256.Create((ushort)255);
        var outer = (under.AsUInt16() & low) * keeps + (over.AsUInt16() & low) * alphas;
        var inner = (under.AsUInt16() >> 8) * keeps + (over.AsUInt16() >> 8) * alphas;
        return (outer >> 8 | inner & Vector256.Create((ushort)0xFF00)).AsUInt32();
    }
}
