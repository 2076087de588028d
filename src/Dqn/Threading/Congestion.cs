using System.Diagnostics;

namespace Dqn.Threading;

/// <summary>
/// Notices that workers get no processor: other programs hold it, or the process may use fewer than it could at its
/// start. A fork then waits for the one task that a worker had begun when it lost its processor, for whole time slices.
/// Sharing stops for a while when it loses more than it gains. Not safe for concurrent use.
/// </summary>
internal struct Congestion
{
    // At most this much counts of one wait, so that a single hiccup stops nothing.
    private static readonly long MostPerWait = Stopwatch.Frequency * 3 / 1000;

    private static readonly long Tolerated = Stopwatch.Frequency * 5 / 1000;
    private static readonly long ShortestPause = Stopwatch.Frequency / 20;
    private static readonly long LongestPause = Stopwatch.Frequency;

    private long _lost, _lastWait, _pause, _until;

    /// <summary>Whether the caller should do its tasks alone now.</summary>
    /// <param name="now">In ticks of <see cref="Stopwatch"/>.</param>
    public readonly bool Lasts(long now) => now < _until;

    /// <summary>Takes in a fork that had to wait for its workers.</summary>
    /// <param name="now">In ticks of <see cref="Stopwatch"/>, as all times.</param>
    /// <param name="busy">How long the caller did tasks.</param>
    /// <param name="waited">How long it waited.</param>
    /// <param name="done">How many tasks it did.</param>
    /// <param name="count">How many there were, all about as long.</param>
    public void Add(long now, long busy, long waited, int done, int count)
    {
        long gained = busy * (count - done) / Math.Max(1, done);
        long loss = Math.Min(waited - gained, MostPerWait);
        if (done == 0 || loss <= 0)
            return;

        // What two threads gain where nothing disturbs them pays for half of the time in between.
        _lost = Math.Max(0, _lost - (now - _lastWait) / 2) + loss;
        _lastWait = now;
        if (_lost > Tolerated)
            Pause(now);
    }

    /// <summary>The caller does its tasks alone for a while, longer each time that it comes to this soon again.</summary>
    public void Pause(long now)
    {
        bool again = now - _until < LongestPause;
        _pause = again ? Math.Min(2 * Math.Max(_pause, ShortestPause), LongestPause) : ShortestPause;
        _until = now + _pause;
        _lost = 0;
    }
}
