using System.Diagnostics;

namespace Dqn.Benchmarks;

/// <summary>
/// How often something can be done per second: the median of several measurements, so that a disturbed one does no harm.
/// </summary>
internal static class CallRate
{
    private const int Runs = 5;

    // What else has to run does so now rather than in the middle.
    private const int PauseMilliseconds = 100;

    /// <summary>Calls per second, each measurement so many seconds long.</summary>
    public static double Rate(double seconds, Action action)
    {
        long count = 0;
        return Rate(seconds, Counted(action, () => count++), () => count);
    }

    /// <summary>What a counter gains per second of calls.</summary>
    public static double Rate(double seconds, Action action, Func<long> counter)
    {
        Once(seconds / 2, action, counter);
        return Quantiles.Median([.. Enumerable.Range(0, Runs).Select(_ => Once(seconds, action, counter))]);
    }

    /// <summary>
    /// Two things in turn, so that both meet the machine in the same state: the rate of the first, and what the second
    /// one's rates are.
    /// </summary>
    public static (double First, double Second) Rates(double seconds, Action first, Func<double> second)
    {
        long count = 0;
        Action counted = Counted(first, () => count++);
        Once(seconds / 2, counted, () => count);
        second();
        var rates = new (double First, double Second)[Runs];
        foreach (ref var pair in rates.AsSpan())
            pair = (Once(seconds, counted, () => count), second());
        return (Quantiles.Median([.. rates.Select(pair => pair.First)]), Quantiles.Median([.. rates.Select(pair => pair.Second)]));
    }

    /// <summary>One measurement of calls per second.</summary>
    public static double Once(double seconds, Action action)
    {
        long count = 0;
        return Once(seconds, Counted(action, () => count++), () => count);
    }

    private static double Once(double seconds, Action action, Func<long> counter)
    {
        Thread.Sleep(PauseMilliseconds);
        long first = counter(), start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            action();
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed.TotalSeconds < seconds);
        return (counter() - first) / elapsed.TotalSeconds;
    }

    private static Action Counted(Action action, Action count) => () =>
    {
        action();
        count();
    };
}
