using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Dqn.CarRacing;

/// <summary>
/// pygame 2.1.2's <c>transform.smoothscale</c>, its portable version, from 1000 × 800 to 600 × 400: an average over
/// columns, cut off to bytes, then one over rows, which are two whole ones here. A column on a border counts for both
/// sides by its fractions.
/// </summary>
internal static unsafe class LargeScale
{
    private const int Width = 600, Height = 400;

    // A pixel of the picture is this many columns wide, and a sum is multiplied with the reciprocal; units of 1/65536.
    private const int Space = 65536 * Camera.Width / Width;
    private const uint Reciprocal = (uint)((1L << 32) / Space);

    // By pixel of the picture: the column before and the one after the whole one, if there is one, and their weights.
    private static readonly Columns[] Filter = FindColumns();

    private readonly struct Columns(int before, int after, uint weightBefore, uint weightWhole, uint weightAfter)
    {
        public readonly int Before = before, After = after;
        public readonly uint WeightBefore = weightBefore, WeightWhole = weightWhole, WeightAfter = weightAfter;
    }

    /// <summary>Shrinks a surface that is upside down.</summary>
    /// <param name="surface">1000 × 800.</param>
    /// <param name="rgb">Destination, [400, 600, 3].</param>
    public static void Shrink(Surface surface, Span<byte> rgb)
    {
        Debug.Assert(surface.Width == Camera.Width && surface.Height == Camera.Height);
        Debug.Assert(rgb.Length == Width * Height * 3);
        for (int y = 0; y < Height; y++)
        {
            Span<uint> upper = surface.Row(Camera.Height - 1 - 2 * y), lower = surface.Row(Camera.Height - 2 - 2 * y);
            fixed (uint* first = upper, second = lower)
            fixed (byte* to = rgb.Slice(y * Width * 3, Width * 3))
            fixed (Columns* filter = Filter)
                ShrinkRows(first, second, filter, to);
        }
    }

    private static void ShrinkRows(uint* first, uint* second, Columns* filter, byte* to)
    {
        for (int x = 0; x < Width; x += 4, to += 12)
        {
            var low = Vector128.Narrow(Pixel(first, second, filter + x), Pixel(first, second, filter + x + 1));
            var high = Vector128.Narrow(Pixel(first, second, filter + x + 2), Pixel(first, second, filter + x + 3));

            // Blue, green, red, nothing of four pixels.
            var rgb = Vector128.Shuffle(
                Vector128.Narrow(low, high),
                Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15));
            if (x < Width - 4)
            {
                rgb.Store(to); // four bytes too many, which the next pixels overwrite
            }
            else
            {
                *(ulong*)to = rgb.AsUInt64().ToScalar();
                *(uint*)(to + 8) = rgb.AsUInt32()[2];
            }
        }
    }

    private static Vector128<uint> Pixel(uint* first, uint* second, Columns* columns) =>
        Average(first, columns) + Average(second, columns) >> 1;

    private static Vector128<uint> Average(uint* row, Columns* columns)
    {
        var sum = (Channels(row[columns->Before]) * columns->WeightBefore >> 16)
            + Channels(row[columns->After - 1]) * columns->WeightWhole
            + (Channels(row[columns->After]) * columns->WeightAfter >> 16);
        return sum * Reciprocal >> 16;
    }

    private static Vector128<uint> Channels(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte()));

    private static Columns[] FindColumns()
    {
        var columns = new Columns[Width];
        int left = Space, before = 0, pixel = 0;
        uint weightBefore = 0, whole = 0;
        for (int x = 0; x < Camera.Width; x++)
        {
            if (left > 65536)
            {
                whole++;
                left -= 65536;
                continue;
            }

            Debug.Assert(whole <= 1);
            columns[pixel++] = new Columns(before, x, weightBefore, whole, (uint)left);
            (before, weightBefore, whole) = (x, (uint)(65536 - left), 0);
            left = Space - (65536 - left);
        }

        return columns;
    }
}
