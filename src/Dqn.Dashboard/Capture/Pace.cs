using System.Diagnostics;

namespace Dqn.Watching;

/// <summary>
/// How often something may be done on the thread that trains: at most so often, and less often where it takes more than a
/// share of the time. What it takes is the median of the last times, so that neither its first time, which compiles it, nor
/// an interruption by another program counts for long.
/// </summary>
internal sealed class Pace(TimeSpan shortest, double share)
{
    private readonly long[] _took = new long[9];
    private readonly long[] _sorted = new long[9];
    private long _count;
    private long _start;
    private long _next;

    /// <summary>Whether it is time.</summary>
    /// <param name="now"><see cref="Stopwatch.GetTimestamp"/>.</param>
    public bool IsDue(long now) => now >= _next;

    /// <summary>It begins.</summary>
    public void Begin(long now) => _start = now;

    /// <summary>It is done.</summary>
    public void End(long now)
    {
        if (_count > 0)
            _took[(_count - 1) % _took.Length] = now - _start;
        _count++;
        double interval = Math.Max(shortest.TotalSeconds * Stopwatch.Frequency, Median() / share);
        _next = _start + (long)interval;
    }

    private double Median()
    {
        int count = (int)Math.Min(_count - 1, _took.Length);
        if (count == 0)
            return 0;
        Array.Copy(_took, _sorted, count);
        Array.Sort(_sorted, 0, count);
        return _sorted[(count - 1) / 2];
    }
}
