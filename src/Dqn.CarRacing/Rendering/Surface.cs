using System.Diagnostics;

namespace Dqn.CarRacing;

/// <summary>
/// A surface of 32-bit pixels, 0x00RRGGBB, and the primitives of SDL_gfx that pygame 2.1.2 draws the track with, with
/// their arithmetic: everything is clipped to the surface, nothing is rounded otherwise than there.
/// </summary>
internal sealed partial class Surface(int width, int height)
{
    private readonly uint[] _pixels = new uint[width * height];

    public int Width { get; } = width;

    public int Height { get; } = height;

    public Span<uint> Row(int y) => _pixels.AsSpan(y * Width, Width);

    public void Clear() => Array.Clear(_pixels);

    /// <summary><c>gfxdraw.aapolygon</c> followed by <c>gfxdraw.filled_polygon</c>.</summary>
    public void DrawSmoothPolygon(ReadOnlySpan<Point> points, uint color)
    {
        for (int i = 0; i < points.Length; i++)
            DrawSmoothLine(points[i], points[i + 1 == points.Length ? 0 : i + 1], color);
        FillSmoothPolygon(points, color);
    }

    /// <summary>A line after Xiaolin Wu without its last pixel: SDL_gfx's <c>_aalineColor</c>.</summary>
    private void DrawSmoothLine(Point from, Point to, uint color)
    {
        if (!LineClip.Clip(ref from, ref to, Width - 1, Height - 1))
            return;

        (int x0, int y0, int x1, int y1) = from.Y <= to.Y ? (from.X, from.Y, to.X, to.Y) : (to.X, to.Y, from.X, from.Y);
        int dx = x1 - x0, dy = y1 - y0;
        if (dx == 0)
        {
            for (int y = y0; y <= y1; y++)
                _pixels[y * Width + x0] = color;
            return;
        }

        if (dy == 0)
        {
            FillSpan(y0, x0, x1, color);
            return;
        }

        int step = Math.Sign(dx);
        dx = Math.Abs(dx);
        Set(from.X, from.Y, color);

        // The error's upper 8 bits are the second pixel's weight; it rolls over where the line moves on sideways.
        uint error = 0;
        if (dy > dx)
        {
            uint slope = (uint)((dx << 16) / dy) << 16;
            for (int i = 1; i < dy; i++)
            {
                uint before = error;
                error += slope;
                if (error <= before)
                    x0 += step;
                uint weight = error >> 24;
                Blend(x0, y0 + i, color, 255 - weight);
                Blend(x0 + step, y0 + i, color, weight);
            }
        }
        else
        {
            uint slope = (uint)((dy << 16) / dx) << 16;
            for (int i = 1; i < dx; i++)
            {
                uint before = error;
                error += slope;
                if (error <= before)
                    y0++;
                uint weight = error >> 24;
                x0 += step;
                Blend(x0, y0, color, 255 - weight);
                Blend(x0, y0 + 1, color, weight);
            }
        }
    }

    /// <summary>SDL_gfx's <c>filledPolygonColorMT</c>: spans between intersections in 16.16 fixed point.</summary>
    private void FillSmoothPolygon(ReadOnlySpan<Point> points, uint color)
    {
        Debug.Assert(points.Length <= 8);
        (int top, int bottom) = VerticalRange(points);
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
                if ((y >= a.Y && y < b.Y) || (y == bottom && y > a.Y && y <= b.Y))
                    crossings[count++] = 65536 * (y - a.Y) / (b.Y - a.Y) * (b.X - a.X) + 65536 * a.X;
            }

            crossings[..count].Sort();
            for (int i = 0; i + 1 < count; i += 2)
                FillSpan(y, Round(crossings[i] + 1), Round(crossings[i + 1] - 1), color);
        }

        static int Round(int x) => (x >> 16) + ((x & 32768) >> 15);
    }

    /// <summary>All four bounds included.</summary>
    public void FillRectangle(int left, int top, int right, int bottom, uint color)
    {
        for (int y = Math.Max(top, 0); y <= Math.Min(bottom, Height - 1); y++)
            FillSpan(y, left, right, color);
    }

    private static (int Top, int Bottom) VerticalRange(ReadOnlySpan<Point> points)
    {
        int top = points[0].Y, bottom = top;
        foreach (Point point in points[1..])
            (top, bottom) = (Math.Min(top, point.Y), Math.Max(bottom, point.Y));
        return (top, bottom);
    }

    /// <summary>Both ends included and in either order.</summary>
    private void FillSpan(int y, int x0, int x1, uint color)
    {
        if (x0 > x1)
            (x0, x1) = (x1, x0);
        if ((uint)y >= (uint)Height || x1 < 0 || x0 >= Width)
            return;
        x0 = Math.Max(x0, 0);
        x1 = Math.Min(x1, Width - 1);
        _pixels.AsSpan(y * Width + x0, x1 - x0 + 1).Fill(color);
    }

    private bool Contains(int x, int y) => (uint)x < (uint)Width && (uint)y < (uint)Height;

    private void Set(int x, int y, uint color)
    {
        if (Contains(x, y))
            _pixels[y * Width + x] = color;
    }

    private void Blend(int x, int y, uint color, uint weight)
    {
        if (Contains(x, y))
            _pixels[y * Width + x] = Blend(_pixels[y * Width + x], color, 255 * weight >> 8);
    }

    /// <summary>Moves each channel by alpha / 256 of the way, rounded down.</summary>
    private static uint Blend(uint under, uint over, uint alpha)
    {
        return Channel(16) | Channel(8) | Channel(0);

        uint Channel(int shift)
        {
            int from = (int)(under >> shift & 255), to = (int)(over >> shift & 255);
            return (uint)(from + ((to - from) * (int)alpha >> 8)) << shift;
        }
    }
}
