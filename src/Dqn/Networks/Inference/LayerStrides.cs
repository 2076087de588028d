namespace Dqn.Networks;

/// <summary>
/// The strides of convolutions, which no tensor has: whether the picture that is left has as many pixels as the linear
/// layer after them takes.
/// </summary>
internal static class LayerStrides
{
    private const int MaxFound = 6;
    private const int MaxStride = 16;
    private const int MaxConvolutions = 16;

    /// <summary>Those of the well-known networks: half the kernel's size, 1 for a kernel of up to 3.</summary>
    public static int[] Usual(IReadOnlyList<TensorLayer> convolutions) =>
        [.. convolutions.Select(layer => layer.KernelSize <= 3 ? 1 : layer.KernelSize / 2)];

    /// <summary>Whether strides leave a picture of so many pixels.</summary>
    public static bool Fit(
        IReadOnlyList<TensorLayer> convolutions, IReadOnlyList<int> strides, int height, int width, long pixels)
    {
        for (int i = 0; i < convolutions.Count; i++)
        {
            int kernel = convolutions[i].KernelSize;
            if (kernel > height || kernel > width)
                return false;
            height = (height - kernel) / strides[i] + 1;
            width = (width - kernel) / strides[i] + 1;
        }

        return (long)height * width == pixels;
    }

    /// <summary>Up to six lists of strides that fit, none larger than its kernel or 16, of up to 16 convolutions.</summary>
    public static List<int[]> Search(IReadOnlyList<TensorLayer> convolutions, int height, int width, long pixels)
    {
        if (convolutions.Count > MaxConvolutions)
            return [];

        // By the picture's size: the ways to get there, a few of each.
        Dictionary<(int Height, int Width), List<int[]>> sizes = new() { [(height, width)] = [[]] };
        foreach (TensorLayer layer in convolutions)
        {
            int kernel = layer.KernelSize;
            Dictionary<(int Height, int Width), List<int[]>> next = [];
            foreach (((int h, int w) before, List<int[]> ways) in sizes)
            {
                if (kernel > before.h || kernel > before.w)
                    continue;
                for (int stride = 1; stride <= Math.Min(kernel, MaxStride); stride++)
                {
                    (int, int) after = ((before.h - kernel) / stride + 1, (before.w - kernel) / stride + 1);
                    List<int[]> known = next.TryGetValue(after, out List<int[]>? list) ? list : next[after] = [];
                    known.AddRange(ways.Take(MaxFound - known.Count).Select(way => (int[])[.. way, stride]));
                }
            }

            sizes = next;
        }

        return
        [
            .. sizes.Where(item => (long)item.Key.Height * item.Key.Width == pixels).SelectMany(item => item.Value)
                .Take(MaxFound),
        ];
    }
}
