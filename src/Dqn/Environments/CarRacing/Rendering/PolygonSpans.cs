using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Environments.CarRacing;

/// <summary>
/// The rows of a polygon that the picture shows, one span of pixels each: what SDL_gfx's <c>filledPolygonColorMT</c> or
/// pygame's <c>draw.polygon</c> fills, found edge by edge instead of row by row.
/// </summary>
internal sealed unsafe class PolygonSpans
{
    // Eight rows are looked at together, so that there are some after the last.
    private const int Rows = Camera.Height + 8;

    // Pinned, and so alive as long as this object is.
    private readonly int[] _numbers = GC.AllocateArray<int>(4 * Rows, pinned: true);
    private readonly int* _falling, _rising;

    public PolygonSpans()
    {
        Left = (int*)Unsafe.AsPointer(ref _numbers[0]);
        Right = Left + Rows;
        _falling = Right + Rows;
        _rising = _falling + Rows;
        _numbers.AsSpan(0, Rows).Fill(int.MaxValue);
        _numbers.AsSpan(Rows, Rows).Fill(-1);
        (Top, Bottom) = (0, -1);
    }

    /// <summary>By row of the surface: a span's first pixel, not left of 0; in empty rows after its last.</summary>
    public int* Left { get; }

    /// <summary>By row of the surface: a span's last pixel, not right of 999.</summary>
    public int* Right { get; }

    /// <summary>The first row with a span.</summary>
    public int Top { get; private set; }

    /// <summary>The last row with a span; less than <see cref="Top"/> if there is none.</summary>
    public int Bottom { get; private set; }

    /// <summary>No row has a span.</summary>
    public void Clear()
    {
        EmptyFrom(Top, Bottom - Top + 1);
        (Top, Bottom) = (0, -1);
    }

    private void EmptyFrom(int row, int count)
    {
        new Span<int>(Left + row, count).Fill(int.MaxValue);
        new Span<int>(Right + row, count).Fill(-1);
    }

    /// <summary>Finds SDL_gfx's spans.</summary>
    /// <param name="points">The polygon's corners.</param>
    /// <param name="firstRow">Rows before this are left out.</param>
    /// <returns>False, with no spans, if a row may have more than one.</returns>
    public bool TryFindSmooth(ReadOnlySpan<Point> points, int firstRow)
    {
        if (!TryFindCrossings(points, firstRow, smooth: true))
            return false;
        // Eight rows at a time; what that changes after the last row is put right again.
        var edge = Vector256.Create(Camera.Width - 1);
        var half = Vector256.Create(32768);
        for (int y = Top; y <= Bottom; y += 8)
        {
            var a = Vector256.Load(_falling + y);
            var b = Vector256.Load(_rising + y);
            var left = Vector256.Min(a, b) + Vector256<int>.One + half >> 16;
            var right = Vector256.Max(a, b) - Vector256<int>.One + half >> 16;

            // Where they round past each other the reference draws from right to left.
            Vector256.Max(Vector256.Min(left, right), Vector256<int>.Zero).Store(Left + y);
            Vector256.Min(Vector256.Max(left, right), edge).Store(Right + y);
        }

        EmptyFrom(Bottom + 1, Math.Min(8, Rows - (Bottom + 1)));
        return true;
    }

    /// <summary>Finds pygame's spans.</summary>
    /// <inheritdoc cref="TryFindSmooth"/>
    public bool TryFind(ReadOnlySpan<Point> points, int firstRow)
    {
        if (!TryFindCrossings(points, firstRow, smooth: false))
            return false;
        for (int y = Top; y <= Bottom; y++)
        {
            Left[y] = Math.Max(Math.Min(_falling[y], _rising[y]), 0);
            Right[y] = Math.Min(Math.Max(_falling[y], _rising[y]), Camera.Width - 1);
        }

        return true;
    }

    /// <summary>From 16.16 fixed point.</summary>
    public static int Round(int x) => x + 32768 >> 16;

    private bool TryFindCrossings(ReadOnlySpan<Point> points, int firstRow, bool smooth)
    {
        Clear();
        if (!FallsAndRisesOnce(points))
            return false;

        int top = points[0].Y, bottom = top;
        foreach (Point point in points[1..])
            (top, bottom) = (Math.Min(top, point.Y), Math.Max(bottom, point.Y));
        int first = Math.Max(top, firstRow), last = Math.Min(bottom, Camera.Height - 1);
        if (top == bottom || first > last)
            return true;

        (Top, Bottom) = (first, last);
        Point a = points[^1];
        foreach (Point b in points)
        {
            if (a.Y < b.Y)
                FindCrossings(a, b, bottom, _falling, smooth);
            else if (a.Y > b.Y)
                FindCrossings(b, a, bottom, _rising, smooth);
            a = b;
        }

        return true;
    }

    // An edge owns its rows but the last, and that too where the polygon ends.
    private void FindCrossings(Point upper, Point lower, int bottom, int* crossings, bool smooth)
    {
        int height = lower.Y - upper.Y, width = lower.X - upper.X;
        int first = Math.Max(upper.Y, Top), last = Math.Min(lower.Y == bottom ? bottom : lower.Y - 1, Bottom);
        Debug.Assert(height is > 0 and < 32768);
        if (!smooth)
        {
            for (int y = first; y <= last; y++)
                crossings[y] = (y - upper.Y) * width / height + upper.X;
            return;
        }

        // 65536 · k / height, rounded down, for 0 ≤ k ≤ height < 2^15: with the reciprocal rounded up, the product errs
        // by less than k / 2^30 < 1 / height. The products of eight rows are sums.
        ulong reciprocal = ((65536UL << 30) + (uint)height - 1) / (uint)height;
        int start = 65536 * upper.X, row = first;
        ulong product = (uint)(first - upper.Y) * reciprocal;
        var low = Vector256.Create(product, product + reciprocal, product + 2 * reciprocal, product + 3 * reciprocal);
        var high = low + Vector256.Create(4 * reciprocal);
        var step = Vector256.Create(8 * reciprocal);
        for (; row <= last - 7; row += 8)
        {
            var fractions = Vector256.Narrow(low >> 30, high >> 30).AsInt32();
            (fractions * Vector256.Create(width) + Vector256.Create(start)).Store(crossings + row);
            low += step;
            high += step;
        }

        product = (uint)(row - upper.Y) * reciprocal;
        for (; row <= last; row++, product += reciprocal)
            crossings[row] = (int)(product >> 30) * width + start;
    }

    // Then every row crosses exactly one falling and one rising edge.
    private static bool FallsAndRisesOnce(ReadOnlySpan<Point> points)
    {
        int first = 0, previous = 0, turns = 0;
        for (int i = 0; i < points.Length; i++)
        {
            int direction = Math.Sign(points[i].Y - points[i == 0 ? points.Length - 1 : i - 1].Y);
            if (direction == 0)
                continue;
            if (first == 0)
                first = direction;
            else if (direction != previous)
                turns++;
            previous = direction;
        }

        return turns + (first != previous ? 1 : 0) <= 2;
    }
}
