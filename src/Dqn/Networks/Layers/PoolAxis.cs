namespace Dqn.Networks;

/// <summary>Where the windows of a pooling are along one axis of an image.</summary>
/// <param name="Starts">The first pixel of each, inside the image.</param>
/// <param name="Ends">The pixel behind the last of each, inside the image.</param>
/// <param name="Divisors">What a mean along the axis divides by: padding included.</param>
internal sealed record PoolAxis(int[] Starts, int[] Ends, int[] Divisors)
{
    public int Count => Starts.Length;

    /// <summary>The numbers of a window, with the stride that 0 stands for.</summary>
    public static (int KernelSize, int Stride, int Padding) Check(int kernelSize, int stride, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(stride);
        if (padding < 0 || padding > kernelSize / 2)
        {
            throw new ArgumentOutOfRangeException(
                nameof(padding), padding,
                $"Expected a padding of 0 … {kernelSize / 2}, half the kernel's size, so that no window is of padding alone.");
        }

        return (kernelSize, stride == 0 ? kernelSize : stride, padding);
    }

    /// <summary>How many windows of one size at equal distances there are; none where the image is smaller.</summary>
    public static int CountSliding(int size, int kernelSize, int stride, int padding)
    {
        long left = size + 2L * padding - kernelSize;
        return left < 0 ? 0 : (int)(left / stride) + 1;
    }

    /// <summary>These windows.</summary>
    public static PoolAxis Sliding(int size, int kernelSize, int stride, int padding) =>
        Make(CountSliding(size, kernelSize, stride, padding), i =>
        {
            int start = i * stride - padding;
            return (Math.Max(start, 0), Math.Min(start + kernelSize, size), kernelSize);
        });

    /// <summary>So many windows that cover the axis.</summary>
    public static PoolAxis Covering(int size, int count) => Make(count, i =>
    {
        int start = (int)((long)i * size / count), end = (int)(((i + 1L) * size + count - 1) / count);
        return (start, end, end - start);
    });

    private static PoolAxis Make(int count, Func<int, (int Start, int End, int Divisor)> window)
    {
        (int Start, int End, int Divisor)[] all = [.. Enumerable.Range(0, count).Select(window)];
        return new PoolAxis(
            [.. all.Select(one => one.Start)], [.. all.Select(one => one.End)], [.. all.Select(one => one.Divisor)]);
    }
}
