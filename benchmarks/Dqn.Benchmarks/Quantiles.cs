namespace Dqn.Benchmarks;

/// <summary>Order statistics of measurements.</summary>
internal static class Quantiles
{
    public static double Median(IEnumerable<double> values) => Of([.. values.Order()], 0.5);

    /// <summary>A quantile, 0 … 1, of sorted values, linear between two of them.</summary>
    public static double Of(double[] sorted, double fraction)
    {
        double place = fraction * (sorted.Length - 1);
        int below = (int)place;
        double above = sorted[Math.Min(below + 1, sorted.Length - 1)];
        return sorted[below] + (place - below) * (above - sorted[below]);
    }
}
