using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Environments.CarRacing;

internal sealed unsafe partial class CellBand
{
    // Spans that are filled after the line that is being drawn, before anything looks at the pixels.
    private Cover _cover0, _cover1, _cover2;

    // The spans of no row: eight firsts, eight lasts.
    private readonly int[] _emptyArray = MakeEmpty();

    // A shape's spans by row of the surface, and in which rows they may be looked at.
    private readonly struct Cover(int* left, int* right, int top, int rows)
    {
        public readonly int* Left = left, Right = right;
        public readonly int Top = top, Rows = rows;
    }

    private static int[] MakeEmpty()
    {
        int[] empty = GC.AllocateArray<int>(16, pinned: true);
        empty.AsSpan(0, 8).Fill(int.MaxValue);
        empty.AsSpan(8, 8).Fill(-1);
        return empty;
    }

    // Eight rows are looked at together: at least one of them has a span then.
    private Cover CoverOf(in Shape shape) => new(
        _shapes.Numbers + shape.Left, _shapes.Numbers + shape.Right, shape.SpanTop - 7,
        shape.SpanRows > 0 ? shape.SpanRows + 7 : 0);

    private int* Lefts(in Cover cover, int y) =>
        (uint)(y - cover.Top) < (uint)cover.Rows ? cover.Left + y : (int*)Unsafe.AsPointer(ref _emptyArray[0]);

    private int* Rights(in Cover cover, int y) =>
        (uint)(y - cover.Top) < (uint)cover.Rows ? cover.Right + y : (int*)Unsafe.AsPointer(ref _emptyArray[8]);

    private void Draw(in SmoothLine line, int color)
    {
        if (line.Kind == LineKind.None || line.Y > _high || line.Y + line.Rows < _low)
            return;
        if (line.Kind == LineKind.Upright)
        {
            for (int y = Math.Max(line.Y, _low); y <= Math.Min(line.Y + line.Rows, _high); y++)
                FillUncovered(y, line.X, line.X, color);
            return;
        }

        if (line.Kind == LineKind.Flat)
        {
            FillUncovered(line.Y, Math.Min(line.X, line.EndX), Math.Max(line.X, line.EndX), color);
            return;
        }

        if (line.FullY >= _low && line.FullY <= _high)
            FillUncovered(line.FullY, line.FullX, line.FullX, color);
        if (line.Kind == LineKind.Steep)
            DrawSteep(line, color);
        else
            DrawShallow(line, color);
    }

    // Eight rows are looked at together: mostly one of the two pixels is covered.
    private void DrawSteep(in SmoothLine line, int color)
    {
        int end = Math.Min(line.Rows, _high + 1 - line.Y), step = line.Step;
        uint slope = line.Slope;
        var lanes = Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);
        for (int i = Math.Max(1, _low - line.Y); i < end; i += 8)
        {
            int y = line.Y + i;
            var position = (Vector256.Create((uint)i) + lanes) * Vector256.Create(slope);
            var x = Vector256.Create(line.X) + Vector256.Create(step) * (position >> 16).AsInt32();
            uint rows = end - i < 8 ? (1u << end - i) - 1 : 255;
            uint near = ~Covered(x, x, y), far = ~Covered(x + Vector256.Create(step), x + Vector256.Create(step), y);
            for (uint rest = rows & (near | far); rest != 0; rest &= rest - 1)
            {
                int row = BitOperations.TrailingZeroCount(rest);
                uint error = (uint)(i + row) * slope, weight = error >> 8 & 255;
                int start = line.X + step * (int)(error >> 16);

                // Covered pixels get no weight.
                uint first = (255 - weight) & 0 - (near >> row & 1), second = weight & 0 - (far >> row & 1);
                if (step > 0)
                    BlendPair(Row(y + row), start, first, second, color);
                else
                    BlendPair(Row(y + row), start - 1, second, first, color);
            }
        }
    }

    // Each piece shows in its row and, with the rest of the weight, in the next.
    private void DrawShallow(in SmoothLine line, int color)
    {
        int* lefts = _shapes.Numbers + line.PieceLeft, rights = _shapes.Numbers + line.PieceRight;
        int end = Math.Min(line.Rows, _high + 1 - line.Y);
        for (int row = Math.Max(0, _low - 1 - line.Y); row < end; row += 8)
        {
            int y = line.Y + row;
            var left = Vector256.Load(lefts + row);
            var right = Vector256.Load(rights + row);
            uint wanted = end - row < 8 ? (1u << end - row) - 1 : 255;
            uint upper = wanted & ~Covered(left, right, y), lower = wanted & ~Covered(left, right, y + 1);
            if (y < _low)
                upper &= ~1u;
            if (y + 7 >= _high)
                lower &= (1u << _high - y) - 1;
            for (; upper != 0; upper &= upper - 1)
            {
                int i = BitOperations.TrailingZeroCount(upper);
                BlendUncovered(y + i, lefts[row + i], rights[row + i], line.X, line.Slope, 255, color);
            }

            for (; lower != 0; lower &= lower - 1)
            {
                int i = BitOperations.TrailingZeroCount(lower);
                BlendUncovered(y + i + 1, lefts[row + i], rights[row + i], line.X, line.Slope, 0, color);
            }
        }
    }

    // Which of eight pieces, in a row each from y on, are covered for certain: by one span or by the first two together.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Covered(Vector256<int> left, Vector256<int> right, int y)
    {
        var left0 = Vector256.Load(Lefts(_cover0, y));
        var right0 = Vector256.Load(Rights(_cover0, y));
        var left1 = Vector256.Load(Lefts(_cover1, y));
        var right1 = Vector256.Load(Rights(_cover1, y));
        var left2 = Vector256.Load(Lefts(_cover2, y));
        var right2 = Vector256.Load(Rights(_cover2, y));
        var outside0 = Vector256.GreaterThan(left0, left) | Vector256.GreaterThan(right, right0);
        var outside1 = Vector256.GreaterThan(left1, left) | Vector256.GreaterThan(right, right1);
        var outside2 = Vector256.GreaterThan(left2, left) | Vector256.GreaterThan(right, right2);
        var apart = Vector256.GreaterThan(Vector256.Max(left0, left1), Vector256.Min(right0, right1) + Vector256<int>.One)
            | Vector256.GreaterThan(Vector256.Min(left0, left1), left)
            | Vector256.GreaterThan(right, Vector256.Max(right0, right1));
        return ~(outside0 & outside1 & outside2 & apart).ExtractMostSignificantBits() & 255;
    }

    // Pixels of a shallow line within one row; the complement is 255 for the row that gets the rest of the weight.
    private void BlendUncovered(int y, int left, int right, int x0, uint slope, uint complement, int color)
    {
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
        int left0 = *Lefts(_cover0, y), right0 = *Rights(_cover0, y);
        int left1 = *Lefts(_cover1, y), right1 = *Rights(_cover1, y);
        int left2 = *Lefts(_cover2, y), right2 = *Rights(_cover2, y);
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

    // Blends a pixel and its right neighbour; either may be beyond the surface.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BlendPair(uint* row, int x, uint leftWeight, uint rightWeight, int color)
    {
        uint leftAlpha = 255 * leftWeight >> 8, rightAlpha = 255 * rightWeight >> 8;
        var over = Vector256.Create(_colors[color]);
        int column = _places[Math.Max(x, 0)], pixel = x - ColumnFilter.First[column];
        BlendPair(row, column, pixel, leftAlpha, rightAlpha, over);

        // What belongs to the next cell, its first pixel belonging to both.
        pixel = x - ColumnFilter.Last[column];
        if (pixel >= -1 && column + 1 < Cells)
            BlendPair(row, column + 1, pixel, leftAlpha, rightAlpha, over);
    }

    // Lanes beyond a cell's pixels are of no account.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BlendPair(uint* row, int column, int pixel, uint leftAlpha, uint rightAlpha, Vector256<uint> over)
    {
        uint* block = Open(row, column, out uint* content);
        var lanes = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7) - Vector256.Create(pixel);
        Mix(Vector256.Load(content), over, Alphas(lanes)).Store(block);
        Mix(Vector128.Load(content + 8), over.GetLower(), Alphas(lanes + Vector256.Create(8)).GetLower()).Store(block + 8);

        Vector256<uint> Alphas(Vector256<int> lane) =>
            (Vector256.Equals(lane, Vector256<int>.Zero).AsUInt32() & Vector256.Create(leftAlpha))
            | (Vector256.Equals(lane, Vector256<int>.One).AsUInt32() & Vector256.Create(rightAlpha));
    }

    // Blends neighbours in one row, a cell at a time: each pixel's weight follows from its distance to the line's start.
    private void BlendRun(int y, int left, int right, int x0, uint slope, uint complement, int color)
    {
        uint* row = Row(y);
        int column = _places[left], last = _places[right];
        if (last + 1 < Cells && ColumnFilter.First[last + 1] == right)
            last++;
        var over = Vector256.Create(_colors[color]);
        for (; column <= last; column++)
        {
            int first = ColumnFilter.First[column];
            uint* from = _masks + FromMask(Math.Max(left - first, 0));
            uint* upTo = _masks + UpToMask(Math.Min(right - first, ColumnFilter.MaximumPixels - 1));
            uint* block = Open(row, column, out uint* content);
            var distance = Vector256.Create(first - x0) + Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7);
            var alphas = Alphas(distance) & Vector256.Load(from) & Vector256.Load(upTo);
            Mix(Vector256.Load(content), over, alphas).Store(block);
            var others = Alphas(distance + Vector256.Create(8)).GetLower()
                & Vector128.Load(from + 8) & Vector128.Load(upTo + 8);
            Mix(Vector128.Load(content + 8), over.GetLower(), others).Store(block + 8);
        }

        // The upper 8 bits of the error after that many steps.
        Vector256<uint> Alphas(Vector256<int> distance) =>
            (Vector256.Abs(distance).AsUInt32() * Vector256.Create(slope) >> 24 ^ Vector256.Create(complement)) * 255 >> 8;
    }

    // Moves each channel by alpha / 256 of the way, rounded down: p + ((c − p) · a >> 8) is (p · (256 − a) + c · a) >> 8,
    // which 16 bits hold.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Mix(Vector256<uint> under, Vector256<uint> over, Vector256<uint> alphas)
    {
        var alpha = (alphas | alphas << 16).AsUInt16();
        var keep = Vector256.Create((ushort)256) - alpha;
        var low = Vector256.Create((ushort)255);
        var outer = (under.AsUInt16() & low) * keep + (over.AsUInt16() & low) * alpha;
        var inner = (under.AsUInt16() >> 8) * keep + (over.AsUInt16() >> 8) * alpha;
        return (outer >> 8 | inner & Vector256.Create((ushort)0xFF00)).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Mix(Vector128<uint> under, Vector128<uint> over, Vector128<uint> alphas)
    {
        var alpha = (alphas | alphas << 16).AsUInt16();
        var keep = Vector128.Create((ushort)256) - alpha;
        var low = Vector128.Create((ushort)255);
        var outer = (under.AsUInt16() & low) * keep + (over.AsUInt16() & low) * alpha;
        var inner = (under.AsUInt16() >> 8) * keep + (over.AsUInt16() >> 8) * alpha;
        return (outer >> 8 | inner & Vector128.Create((ushort)0xFF00)).AsUInt32();
    }
}
