namespace Dqn.Media;

/// <summary>Resizes RGB pictures by area averaging.</summary>
internal static class AreaAverage
{
    /// <summary>
    /// Each target pixel becomes the mean of the source area under it, parts of pixels counted by their area;
    /// enlarging, that is the nearest pixel with soft edges. Rows are summed into <paramref name="sums"/> first, then
    /// weighted.
    /// </summary>
    /// <param name="source">[height × width × 3].</param>
    /// <param name="width">Source pixels per row.</param>
    /// <param name="height">Source rows.</param>
    /// <param name="target">[targetHeight × targetWidth × 3].</param>
    /// <param name="targetWidth">Target pixels per row.</param>
    /// <param name="targetHeight">Target rows.</param>
    /// <param name="sums">[targetWidth × 3], scratch.</param>
    public static void Resize(
        ReadOnlySpan<byte> source, int width, int height,
        Span<byte> target, int targetWidth, int targetHeight, Span<float> sums)
    {
        // In units of 1 / target size of a source pixel every boundary is an integer.
        float area = (float)width * height;
        for (int ty = 0; ty < targetHeight; ty++)
        {
            sums.Clear();
            long top = (long)ty * height, bottom = top + height;
            for (long y = top / targetHeight; y * targetHeight < bottom; y++)
            {
                long rowWeight = Math.Min(bottom, (y + 1) * targetHeight) - Math.Max(top, y * targetHeight);
                AddRow(source.Slice((int)y * width * 3, width * 3), width, rowWeight, sums, targetWidth);
            }

            Span<byte> row = target.Slice(ty * targetWidth * 3, targetWidth * 3);
            for (int i = 0; i < row.Length; i++)
                row[i] = (byte)(sums[i] / area + 0.5f);
        }
    }

    private static void AddRow(ReadOnlySpan<byte> row, int width, float rowWeight, Span<float> sums, int targetWidth)
    {
        for (int tx = 0; tx < targetWidth; tx++)
        {
            long left = (long)tx * width, right = left + width;
            float r = 0, g = 0, b = 0;
            for (long x = left / targetWidth; x * targetWidth < right; x++)
            {
                float weight = Math.Min(right, (x + 1) * targetWidth) - Math.Max(left, x * targetWidth);
                ReadOnlySpan<byte> pixel = row.Slice((int)x * 3, 3);
                r += weight * pixel[0];
                g += weight * pixel[1];
                b += weight * pixel[2];
            }

            sums[3 * tx] += rowWeight * r;
            sums[3 * tx + 1] += rowWeight * g;
            sums[3 * tx + 2] += rowWeight * b;
        }
    }
}
