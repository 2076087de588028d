using System.Diagnostics;

namespace Dqn.Watching;

/// <summary>
/// How often something may be done on the thread that trains: at most so often, and less often where it takes more than a
/// share of the time.
/// </summary>
internal sealed class Pace(TimeSpan shortest, double share)
{
    private readonly long _shortest = (long)(shortest.TotalSeconds * Stopwatch.Frequency);
    private long _next;
    private long _start;

    // About the last ten times, so that one interruption by another program does not slow it down for long.
    private double _cost;

    /// <summary>Whether it is time.</summary>
    public bool IsDue(long now) => now >= _next;

    /// <summary>It begins.</summary>
    public void Begin() => _start = Stopwatch.GetTimestamp();

    /// <summary>It is done.</summary>
    public void End()
    {
        long now = Stopwatch.GetTimestamp();
        double took = now - _start;
        _cost = _cost == 0 ? took : _cost + 0.1 * (Math.Min(took, 10 * _cost) - _cost);
        _next = _start + Math.Max(_shortest, (long)(_cost / share));
    }
}
