using System.Collections.Immutable;
using Dqn.Networks;

namespace Dqn.Onnx;

/// <summary>Poolings as operators.</summary>
internal sealed class PoolingWriter(OnnxGraph graph)
{
    /// <summary>Square windows at equal distances, as convolutions have them too.</summary>
    public static OnnxAttribute[] Windows(int kernelSize, int stride, int padding) =>
        Windows(kernelSize, kernelSize, stride, stride, padding);

    public string Max(MaxPool2d max, string value) =>
        graph.Add("MaxPool", [value], Windows(max.KernelSize, max.Stride, max.Padding));

    public string Average(AvgPool2d average, string value) => graph.Add(
        "AveragePool", [value],
        [.. Windows(average.KernelSize, average.Stride, average.Padding), new OnnxAttribute("count_include_pad", 1)]);

    /// <summary>
    /// Windows of different sizes are made as large as the largest by repeating a row or column of theirs, which changes no
    /// maximum; then all are alike.
    /// </summary>
    public string Max(AdaptiveMaxPool2d max, ImmutableArray<int> shape, string value)
    {
        (value, int height) = MakeAlike(value, axis: 2, shape[1], max.Height);
        (value, int width) = MakeAlike(value, axis: 3, shape[2], max.Width);
        return graph.Add("MaxPool", [value], Windows(height, width, height, width, padding: 0));
    }

    /// <summary>
    /// The mean of a window is the mean over its rows of their means: rows · image · columns, with matrices that hold
    /// 1 / length where a pixel is in the window.
    /// </summary>
    public string Average(AdaptiveAvgPool2d average, ImmutableArray<int> shape, string value)
    {
        string rows = graph.Constant(Shares(shape[1], average.Height, transposed: false), average.Height, shape[1]);
        string columns = graph.Constant(Shares(shape[2], average.Width, transposed: true), shape[2], average.Width);
        return graph.Add("MatMul", [graph.Add("MatMul", [rows, value]), columns]);
    }

    private static OnnxAttribute[] Windows(int height, int width, int rowStride, int columnStride, int padding) =>
    [
        new("kernel_shape", [height, width]),
        new("strides", [rowStride, columnStride]),
        new("pads", [padding, padding, padding, padding]),
    ];

    private (string Value, int Length) MakeAlike(string value, int axis, int size, int count)
    {
        if (size % count == 0)
            return (value, size / count);
        (int Start, int End)[] windows = [.. Covering(size, count)];
        int length = windows.Max(window => window.End - window.Start);
        long[] pixels = [.. windows.SelectMany(window =>
            Enumerable.Range(0, length).Select(i => (long)Math.Min(window.Start + i, window.End - 1)))];
        return (graph.Add("Gather", [value, graph.Constant(pixels, pixels.Length)], new OnnxAttribute("axis", axis)), length);
    }

    private static float[] Shares(int size, int count, bool transposed)
    {
        var shares = new float[size * count];
        int i = 0;
        foreach ((int start, int end) in Covering(size, count))
        {
            for (int pixel = start; pixel < end; pixel++)
                shares[transposed ? pixel * count + i : i * size + pixel] = 1f / (end - start);
            i++;
        }

        return shares;
    }

    /// <summary>Window i of n along an axis of m pixels is from ⌊i · m / n⌋ to ⌈(i + 1) · m / n⌉.</summary>
    private static IEnumerable<(int Start, int End)> Covering(int size, int count) => Enumerable.Range(0, count).Select(i =>
        ((int)((long)i * size / count), (int)(((i + 1L) * size + count - 1) / count)));
}
