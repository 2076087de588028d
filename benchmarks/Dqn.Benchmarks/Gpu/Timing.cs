using System.Diagnostics;

namespace Dqn.Benchmarks.Gpu;

/// <summary>How long a call takes, by the clock, in blocks of calls long enough for it.</summary>
internal static class Timing
{
    private const double Block = 0.02;
    private const int LeastBlocks = 3;

    /// <summary>Seconds of one call: lower quartile, median, upper quartile of the blocks.</summary>
    /// <param name="call">What is measured.</param>
    /// <param name="before">Done before each call, not measured; with it a block is one call. Null for nothing.</param>
    /// <param name="finish">
    /// Done at each block's end and measured with it: the wait for a device that works behind the program's back.
    /// </param>
    /// <param name="seconds">How long to measure, warm-up aside; slow calls are measured three times all the same.</param>
    public static (double Low, double Median, double High) Measure(
        Action call, Action? before, Action finish, double seconds)
    {
        double once = WarmUp(call, before, finish, seconds / 2);
        int calls = before is null ? (int)Math.Clamp(Block / once, 1, 1000) : 1;
        List<double> blocks = [];
        long first = Stopwatch.GetTimestamp();
        while (blocks.Count < LeastBlocks || Stopwatch.GetElapsedTime(first).TotalSeconds < seconds)
        {
            before?.Invoke();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
                call();
            finish();
            blocks.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / calls);
        }

        double[] sorted = [.. blocks.Order()];
        return (Quantiles.Of(sorted, 0.25), Quantiles.Of(sorted, 0.5), Quantiles.Of(sorted, 0.75));
    }

    /// <summary>Compiling, choosing kernels, filling caches; seconds of a call at the end.</summary>
    private static double WarmUp(Action call, Action? before, Action finish, double seconds)
    {
        long first = Stopwatch.GetTimestamp();
        double once;
        do
        {
            before?.Invoke();
            long start = Stopwatch.GetTimestamp();
            call();
            finish();
            once = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (Stopwatch.GetElapsedTime(first).TotalSeconds < seconds);
        return once;
    }
}
