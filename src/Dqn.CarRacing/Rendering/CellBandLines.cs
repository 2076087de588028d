using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.CarRacing;

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
        uint slope = line.Slope, over = _colors[color];
        var lanes = Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);
        for (int i = Math.Max(1, _low - line.Y); i < end; i += 8)
        {
            int y = line.Y + i;
            var position = (Vector256.Create((uint)i) + lanes) * Vector256.Create(slope);
            var x = Vector256.Create(line.X) + Vector256.Create(step) * (position >> 16).AsInt32();
            uint rows = end - i < 8 ? (1u << end - i) - 1 : 255;
            uint near = ~Covered(x, y), far = ~Covered(x + Vector256.Create(step), y);
            for (near &= rows; near != 0; near &= near - 1)
            {
                int row = BitOperations.TrailingZeroCount(near);
                uint error = (uint)(i + row) * slope;
                Blend(Row(y + row), line.X + step * (int)(error >> 16), 255 - (error >> 8 & 255), over);
            }

            for (far &= rows; far != 0; far &= far - 1)
            {
                int row = BitOperations.TrailingZeroCount(far);
                uint error = (uint)(i + row) * slope;
                Blend(Row(y + row), line.X + step * ((int)(error >> 16) + 1), error >> 8 & 255, over);
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
            uint upper = end - row < 8 ? (1u << end - row) - 1 : 255, lower = upper;
            if (y < _low)
                upper &= ~1u;
            if (y + 7 >= _high)
                lower &= (1u << _high - y) - 1;
            BlendPieces(left, right, y, upper, line, 255, color);
            BlendPieces(left, right, y + 1, lower, line, 0, color);
        }
    }

    // Eight pieces in a row each; the complement is 255 for the rows that get the rest of the weight.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BlendPieces(
        Vector256<int> left, Vector256<int> right, int y, uint rows, in SmoothLine line, uint complement, int color)
    {
        var (left0, right0) = (Vector256.Load(Lefts(_cover0, y)), Vector256.Load(Rights(_cover0, y)));
        var first = Vector256.Max(left, Vector256.Create(_left));
        var last = Vector256.Min(right, Vector256.Create(_right));
        Trim(left0, right0, ref first, ref last);
        if ((rows & ~Vector256.GreaterThan(first, last).ExtractMostSignificantBits()) == 0)
            return; // Half of a line is inside of its own shape.
        var (left1, right1) = (Vector256.Load(Lefts(_cover1, y)), Vector256.Load(Rights(_cover1, y)));
        var (left2, right2) = (Vector256.Load(Lefts(_cover2, y)), Vector256.Load(Rights(_cover2, y)));
        Trim(left1, right1, ref first, ref last);
        Trim(left2, right2, ref first, ref last);
        Trim(left0, right0, ref first, ref last);
        Trim(left1, right1, ref first, ref last);

        // What is covered may be still in the middle or, rarely, at an end.
        var parted = Touch(left0, right0, first, last) | Touch(left1, right1, first, last)
            | Touch(left2, right2, first, last);
        uint some = rows & ~Vector256.GreaterThan(first, last).ExtractMostSignificantBits();
        uint several = some & parted.ExtractMostSignificantBits();
        int* ends = stackalloc int[16];
        first.Store(ends);
        last.Store(ends + 8);
        for (uint rest = some & ~several; rest != 0; rest &= rest - 1)
        {
            int i = BitOperations.TrailingZeroCount(rest);
            BlendRun(y + i, ends[i], ends[i + 8], line.X, line.Slope, complement, color);
        }

        for (; several != 0; several &= several - 1)
        {
            int i = BitOperations.TrailingZeroCount(several);
            BlendUncovered(y + i, ends[i], ends[i + 8], line.X, line.Slope, complement, color);
        }
    }

    // Takes off what a span covers of a piece's ends.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Trim(
        Vector256<int> left, Vector256<int> right, ref Vector256<int> first, ref Vector256<int> last)
    {
        var free = Vector256.GreaterThan(left, first) | Vector256.GreaterThan(first, right);
        first = Vector256.ConditionalSelect(free, first, right + Vector256<int>.One);
        free = Vector256.GreaterThan(left, last) | Vector256.GreaterThan(last, right);
        last = Vector256.ConditionalSelect(free, last, left - Vector256<int>.One);
    }

    // Whether a span, if there is one, and a piece have pixels in common.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Touch(
        Vector256<int> left, Vector256<int> right, Vector256<int> first, Vector256<int> last) => ~(
        Vector256.GreaterThan(left, right) | Vector256.GreaterThan(left, last) | Vector256.GreaterThan(first, right));

    // Which of eight pixels, in a row each from y on, are covered.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Covered(Vector256<int> x, int y)
    {
        var outside0 = Vector256.GreaterThan(Vector256.Load(Lefts(_cover0, y)), x)
            | Vector256.GreaterThan(x, Vector256.Load(Rights(_cover0, y)));
        var outside1 = Vector256.GreaterThan(Vector256.Load(Lefts(_cover1, y)), x)
            | Vector256.GreaterThan(x, Vector256.Load(Rights(_cover1, y)));
        var outside2 = Vector256.GreaterThan(Vector256.Load(Lefts(_cover2, y)), x)
            | Vector256.GreaterThan(x, Vector256.Load(Rights(_cover2, y)));
        return ~(outside0 & outside1 & outside2).ExtractMostSignificantBits();
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
        (left, right) = (Math.Max(left, _left), Math.Min(right, _right));
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

    // Moves a pixel's channels towards a colour; the pixel may be beyond what is looked at.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Blend(uint* row, int x, uint weight, uint color)
    {
        if (x < _left || x > _right)
            return;
        uint alpha = 255 * weight >> 8, place = _places[(nint)x];
        nint column = (nint)(place >> 5);
        BlendPixel(row + column, column, (nint)(place >> 1 & 15), alpha, color);
        if ((place & 1) != 0)
            BlendPixel(row + column + 1, column + 1, 0, alpha, color);
    }

    private void BlendPixel(uint* cell, nint column, nint pixel, uint alpha, uint color)
    {
        uint* block = Open(cell, column, *cell, out uint* content);
        if (block != content)
            Vector512.Load(content).Store(block);

        // p + ((c − p) · a >> 8) is (p · (256 − a) + c · a) >> 8; two channels fit one product.
        uint under = content[pixel], keep = 256 - alpha;
        uint outer = (under & 0xFF00FF) * keep + (color & 0xFF00FF) * alpha;
        uint inner = (under >> 8 & 0xFF) * keep + (color >> 8 & 0xFF) * alpha;
        block[pixel] = outer >> 8 & 0xFF00FF | inner & 0xFF00;
    }

    // Blends neighbours in one row, a cell at a time: each pixel's weight follows from its distance to the line's
    // start.
    private void BlendRun(int y, int left, int right, int x0, uint slope, uint complement, int color)
    {
        uint* row = Row(y);
        nint column = (nint)((uint)_places[left] >> 5), last = (nint)((uint)_places[right] >> 5);
        last += _places[right] & 1;
        var over = Vector512.Create(_colors[color]).AsUInt16();
        var low = Vector512.Create((ushort)255);
        var overOuter = over & low;
        var overInner = over >> 8;
        for (; column <= last; column++)
        {
            int first = (int)(_columns + column * ColumnWords)[FirstWord];
            uint* from = _masks + FromMask(Math.Max(left - first, 0));
            uint* upTo = _masks + UpToMask(Math.Min(right - first, BlockWords - 1));
            uint* block = Open(row + column, column, row[column], out uint* content);

            // The upper 8 bits of the error after that many steps.
            var distance = Vector512.Create(first - x0)
                + Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            var error = Vector512.Abs(distance).AsUInt32() * Vector512.Create(slope);
            var weight = error >> 24 ^ Vector512.Create(complement);
            var alphas = ((weight << 8) - weight >> 8) & Vector512.Load(from) & Vector512.Load(upTo);

            // p + ((c − p) · a >> 8) is (p · (256 − a) + c · a) >> 8, which 16 bits hold.
            var alpha = (alphas | alphas << 16).AsUInt16();
            var keep = Vector512.Create((ushort)256) - alpha;
            var under = Vector512.Load(content).AsUInt16();
            var outer = (under & low) * keep + overOuter * alpha;
            var inner = (under >> 8) * keep + overInner * alpha;
            (outer >> 8 | inner & ~low).AsUInt32().Store(block);
        }
    }
}
