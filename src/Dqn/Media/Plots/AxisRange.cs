namespace Dqn.Media;

/// <summary>An axis's ends and its ticks at round numbers: multiples of 1, 2 or 5 times a power of ten.</summary>
internal readonly record struct AxisRange(double Low, double High, double Step)
{
    // Beyond, squares and spans overflow.
    private const double Limit = 1e150;

    public static bool IsDrawable(double value) => Math.Abs(value) <= Limit;

    /// <summary>
    /// The smallest 1-2-5 step with which an axis of this span has at most the given number of intervals.
    /// </summary>
    public static double RoundStep(double span, int maxIntervals)
    {
        double least = span / Math.Max(1, maxIntervals), power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        foreach (int m in (ReadOnlySpan<int>)[1, 2, 5])
            if (m * power >= least * (1 - 1e-9))
                return m * power;
        return 10 * power;
    }

    /// <summary>The ends of an axis that shows the given values.</summary>
    /// <param name="low">The least value; more than <paramref name="high"/>: there are none.</param>
    /// <param name="high">The greatest value.</param>
    /// <param name="fixedLow">An end that the user has set, or null.</param>
    /// <param name="fixedHigh">An end that the user has set, or null.</param>
    /// <param name="margin">How much is added at the ends, as a part of the span.</param>
    public static (double Low, double High) Ends(
        double low, double high, double? fixedLow, double? fixedHigh, double margin)
    {
        if (low > high)
            return (fixedLow ?? fixedHigh - 1 ?? 0, fixedHigh ?? fixedLow + 1 ?? 1);
        double start = fixedLow ?? low, end = fixedHigh ?? high;
        double least = Math.Max(Math.Abs(start), Math.Abs(end)) * 1e-9;
        if (end - start <= Math.Max(least, 1e-150))
        {
            // One value, or a fixed end beyond all values.
            double half = start == 0 ? 1 : Math.Abs(start) * 0.1;
            return (fixedLow ?? (fixedHigh ?? start) - half, fixedHigh ?? (fixedLow ?? start) + half);
        }

        // From zero where zero is near: a curve over steps starts at step 0, whenever its first point was taken.
        double pad = margin * (end - start);
        double paddedLow = start >= 0 && start <= 0.15 * end ? 0 : start - pad;
        double paddedHigh = end <= 0 && end >= 0.15 * start ? 0 : end + pad;
        return (fixedLow ?? paddedLow, fixedHigh ?? paddedHigh);
    }

    /// <summary>The ticks' values, ascending.</summary>
    public double[] Ticks()
    {
        double step = Step, slack = 1e-6;
        double first = Math.Ceiling(Low / step - slack), last = Math.Floor(High / step + slack);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }
}
