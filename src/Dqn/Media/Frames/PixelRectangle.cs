namespace Dqn.Media;

/// <summary>A rectangle of pixels; right and bottom edges are outside.</summary>
internal readonly record struct PixelRectangle(int Left, int Top, int Width, int Height)
{
    /// <summary>
    /// The smallest rectangle outside of which two RGB frames are equal; the top left pixel when they are equal
    /// everywhere, because a frame of an animated PNG cannot be empty.
    /// </summary>
    public static PixelRectangle Changed(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, int width, int height)
    {
        int rowBytes = 3 * width;
        int first = before.CommonPrefixLength(after);
        if (first == after.Length)
            return new PixelRectangle(0, 0, 1, 1);

        int last = after.Length - 1;
        while (before[last] == after[last])
            last--;
        int top = first / rowBytes, bottom = last / rowBytes + 1;

        int left = rowBytes, right = 0;
        for (int y = top; y < bottom; y++)
        {
            ReadOnlySpan<byte> was = before.Slice(y * rowBytes, rowBytes), now = after.Slice(y * rowBytes, rowBytes);
            left = Math.Min(left, was.CommonPrefixLength(now));
            int end = rowBytes;
            while (end > right && was[end - 1] == now[end - 1])
                end--;
            right = Math.Max(right, end);
        }

        left /= 3;
        right = (right + 2) / 3;
        return new PixelRectangle(left, top, right - left, bottom - top);
    }
}
