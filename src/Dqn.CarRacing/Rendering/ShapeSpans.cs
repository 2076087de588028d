using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Dqn.CarRacing;

/// <summary>
/// What SDL_gfx's <c>filledPolygonColorMT</c> and pygame's <c>draw.polygon</c> fill, found edge by edge instead of row
/// by row.
/// </summary>
internal sealed unsafe partial class ShapeList
{
    // By row of the surface, where it crosses the edges that go to greater rows, and to lesser ones. Pinned.
    private readonly int[] _crossings = GC.AllocateArray<int>(2 * (Camera.Height + Padding), pinned: true);
    private readonly int* _falling, _rising;

    /// <summary>From 16.16 fixed point, as SDL_gfx does it.</summary>
    public static int Round(int x) => x + 32768 >> 16;

    /// <summary>Where a row crosses an edge: 16.16 fixed point in SDL_gfx, whole pixels in pygame.</summary>
    public static int Crossing(Point upper, Point lower, int y, bool smooth) => smooth
        ? 65536 * (y - upper.Y) / (lower.Y - upper.Y) * (lower.X - upper.X) + 65536 * upper.X
        : (y - upper.Y) * (lower.X - upper.X) / (lower.Y - upper.Y) + upper.X;

    private void FindSpans(ref Shape shape, ReadOnlySpan<Point> corners, int top, int bottom)
    {
        if (top == bottom)
            return;
        if (!FallsAndRisesOnce(corners))
        {
            (shape.Corners, shape.CornerCount) = (_cornerCount, corners.Length);
            corners.CopyTo(_corners.AsSpan(_cornerCount));
            _cornerCount += corners.Length;
            return;
        }

        Point a = corners[^1];
        foreach (Point b in corners)
        {
            if (a.Y < b.Y)
                FindCrossings(shape, a, b, bottom, _falling);
            else if (a.Y > b.Y)
                FindCrossings(shape, b, a, bottom, _rising);
            a = b;
        }

        MakeRoomForSpans(ref shape);
        int* lefts = Numbers + shape.Left, rights = Numbers + shape.Right;
        var (leftEdge, rightEdge) = (Vector256.Create(_left), Vector256.Create(_right));
        for (int y = shape.Top; y <= shape.Bottom; y += 8)
        {
            var left = Vector256.Min(Vector256.Load(_falling + y), Vector256.Load(_rising + y));
            var right = Vector256.Max(Vector256.Load(_falling + y), Vector256.Load(_rising + y));
            if (shape.Smooth)
            {
                // Where they round past each other the reference draws from right to left.
                var first = left + Vector256.Create(1 + 32768) >> 16;
                var last = right + Vector256.Create(32768 - 1) >> 16;
                (left, right) = (Vector256.Min(first, last), Vector256.Max(first, last));
            }

            Vector256.Max(left, leftEdge).Store(lefts + y);
            Vector256.Min(right, rightEdge).Store(rights + y);
        }

        // Also what the last eight rows have spoilt.
        Vector256.Create(int.MaxValue).Store(lefts + shape.Bottom + 1);
        Vector256.Create(-1).Store(rights + shape.Bottom + 1);
    }

    // Spans for all its rows, with empty ones on either side.
    private void MakeRoomForSpans(ref Shape shape)
    {
        int rows = shape.Bottom - shape.Top + 1, stride = rows + 2 * Padding;
        (shape.SpanTop, shape.SpanRows) = (shape.Top, rows);
        shape.Left = _numberCount + Padding - shape.Top;
        shape.Right = shape.Left + stride;
        _numberCount += 2 * stride;
        var (none, before) = (Vector256.Create(int.MaxValue), Vector256.Create(-1));
        none.Store(Numbers + shape.Left + shape.Top - Padding);
        none.Store(Numbers + shape.Left + shape.Bottom + 1);
        before.Store(Numbers + shape.Right + shape.Top - Padding);
        before.Store(Numbers + shape.Right + shape.Bottom + 1);
    }

    // An edge owns its rows but the last, and that too where the polygon ends.
    private static void FindCrossings(in Shape shape, Point upper, Point lower, int bottom, int* crossings)
    {
        int height = lower.Y - upper.Y, width = lower.X - upper.X;
        int y = Math.Max(upper.Y, shape.Top), last = Math.Min(lower.Y == bottom ? bottom : lower.Y - 1, shape.Bottom);
        Debug.Assert(height is > 0 and < 32768);
        if (!shape.Smooth)
        {
            for (; y <= last; y++)
                crossings[y] = Crossing(upper, lower, y, smooth: false);
            return;
        }

        // 65536 · k / height, rounded down, for 0 ≤ k ≤ height < 2^15: with the reciprocal rounded up, the product errs
        // by less than k / 2^30 < 1 / height. The products of eight rows are sums.
        ulong reciprocal = ((65536UL << 30) + (uint)height - 1) / (uint)height;
        ulong product = (uint)(y - upper.Y) * reciprocal;
        int start = 65536 * upper.X;
        var low = Vector256.Create(product, product + reciprocal, product + 2 * reciprocal, product + 3 * reciprocal);
        var high = low + Vector256.Create(4 * reciprocal);
        var step = Vector256.Create(8 * reciprocal);
        for (; y <= last - 7; y += 8)
        {
            var fractions = Vector256.Narrow(low >> 30, high >> 30).AsInt32();
            (fractions * Vector256.Create(width) + Vector256.Create(start)).Store(crossings + y);
            low += step;
            high += step;
        }

        product = (uint)(y - upper.Y) * reciprocal;
        for (; y <= last; y++, product += reciprocal)
            crossings[y] = (int)(product >> 30) * width + start;
    }

    // Then every row crosses exactly one falling and one rising edge.
    private static bool FallsAndRisesOnce(ReadOnlySpan<Point> corners)
    {
        int first = 0, previous = 0, turns = 0;
        for (int i = 0; i < corners.Length; i++)
        {
            int direction = Math.Sign(corners[i].Y - corners[i == 0 ? corners.Length - 1 : i - 1].Y);
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
