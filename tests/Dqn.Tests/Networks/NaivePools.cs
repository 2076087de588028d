namespace Dqn.Tests.Networks;

/// <summary>Poolings as they are written down: of each window that which lies inside the image.</summary>
internal static class NaivePools
{
    public static double[] Slide(
        double[] x, int[] shape, int size, int stride, int padding, Func<List<double>, double> pool, out int[] outShape)
    {
        int height = (shape[1] + 2 * padding - size) / stride + 1, width = (shape[2] + 2 * padding - size) / stride + 1;
        outShape = [shape[0], height, width];
        return Pool(
            x, shape, height, width, (i, _, _) => (i * stride - padding, i * stride - padding + size), pool);
    }

    public static double[] Cover(
        double[] x, int[] shape, int height, int width, Func<List<double>, double> pool, out int[] outShape)
    {
        outShape = [shape[0], height, width];
        return Pool(
            x, shape, height, width,
            (i, count, length) => (i * length / count, (int)Math.Ceiling((i + 1.0) * length / count)), pool);
    }

    private static double[] Pool(
        double[] x, int[] shape, int height, int width, Func<int, int, int, (int Start, int End)> window,
        Func<List<double>, double> pool)
    {
        var y = new double[shape[0] * height * width];
        for (int channel = 0, at = 0; channel < shape[0]; channel++)
            for (int row = 0; row < height; row++)
                for (int column = 0; column < width; column++, at++)
                {
                    (int top, int bottom) = window(row, height, shape[1]);
                    (int left, int right) = window(column, width, shape[2]);
                    List<double> inside = [];
                    for (int r = Math.Max(top, 0); r < Math.Min(bottom, shape[1]); r++)
                        for (int c = Math.Max(left, 0); c < Math.Min(right, shape[2]); c++)
                            inside.Add(x[(channel * shape[1] + r) * shape[2] + c]);
                    y[at] = pool(inside);
                }

        return y;
    }
}
