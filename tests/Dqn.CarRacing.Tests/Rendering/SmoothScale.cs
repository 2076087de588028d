using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing.Rendering;

/// <summary>
/// pygame 2.1.2's <c>transform.smoothscale</c> where both sides shrink, in its portable ("GENERIC") version: an average
/// over columns, cut off to bytes, then one over rows. A pixel on a border counts for both sides by its fractions.
/// </summary>
internal static class SmoothScale
{
    /// <summary>Shrinks a surface.</summary>
    /// <param name="source">What to shrink.</param>
    /// <param name="width">Destination's width, pixels, less than the source's.</param>
    /// <param name="height">Destination's height, pixels, less than the source's.</param>
    /// <param name="rgb">Destination, [height, width, 3].</param>
    public static void Shrink(Surface source, int width, int height, Span<byte> rgb)
    {
        Span<byte> row = stackalloc byte[width * 3];
        Span<ushort> sums = stackalloc ushort[width * 3];
        sums.Clear();
        int space = 65536 * source.Height / height;
        int reciprocal = (int)((1L << 32) / space);
        int left = space;
        for (int y = 0; y < source.Height; y++)
        {
            ShrinkRow(source.Row(y), row);
            if (left > 65536)
            {
                for (int i = 0; i < row.Length; i++)
                    sums[i] += row[i];
                left -= 65536;
                continue;
            }

            for (int i = 0; i < row.Length; i++)
            {
                rgb[i] = (byte)((sums[i] + (row[i] * left >> 16)) * reciprocal >> 16);
                sums[i] = (ushort)(row[i] * (65536 - left) >> 16);
            }

            rgb = rgb[row.Length..];
            left = space - (65536 - left);
        }
    }

    /// <summary>Shrinks one row of pixels, 0x00RRGGBB, to RGB bytes.</summary>
    public static void ShrinkRow(ReadOnlySpan<uint> source, Span<byte> rgb)
    {
        int space = 65536 * source.Length / (rgb.Length / 3);
        int reciprocal = (int)((1L << 32) / space);
        int left = space, red = 0, green = 0, blue = 0, next = 0;
        foreach (uint pixel in source)
        {
            int r = (int)(pixel >> 16 & 255), g = (int)(pixel >> 8 & 255), b = (int)(pixel & 255);
            if (left > 65536)
            {
                red += r;
                green += g;
                blue += b;
                left -= 65536;
                continue;
            }

            rgb[next++] = (byte)((red + (r * left >> 16)) * reciprocal >> 16);
            rgb[next++] = (byte)((green + (g * left >> 16)) * reciprocal >> 16);
            rgb[next++] = (byte)((blue + (b * left >> 16)) * reciprocal >> 16);
            int right = 65536 - left;
            red = r * right >> 16;
            green = g * right >> 16;
            blue = b * right >> 16;
            left = space - right;
        }
    }
}
