using System.Diagnostics;
using Dqn.Threading;

namespace Dqn.Tests.Threading;

public class CongestionTests
{
    private static readonly long s_millisecond = Stopwatch.Frequency / 1000;

    private long _now = 1000 * s_millisecond;

    [Test]
    public void Waits_that_are_shorter_than_what_sharing_gains_stop_nothing()
    {
        // Three tasks of 1 ms on two threads: 1 ms busy, 1 ms waiting, 3 ms alone.
        Congestion congestion = default;
        for (int i = 0; i < 1000; i++)
            Add(ref congestion, between: 2, busy: 1, waited: 1, done: 1, count: 3);
        Assert.That(congestion.Lasts(_now), Is.False);
    }

    [Test]
    public void One_long_wait_stops_nothing()
    {
        Congestion congestion = default;
        Add(ref congestion, between: 100, busy: 1, waited: 500, done: 9, count: 10);
        Assert.That(congestion.Lasts(_now), Is.False);
        Add(ref congestion, between: 100, busy: 1, waited: 500, done: 9, count: 10);
        Assert.That(congestion.Lasts(_now), Is.False);
    }

    [Test]
    public void Forks_that_lose_time_slices_stop_sharing_for_a_while_and_longer_the_next_time()
    {
        Congestion congestion = default;
        double first = MillisecondsOf(ref congestion), second = MillisecondsOf(ref congestion);
        Assert.That(first, Is.EqualTo(50).Within(1));
        Assert.That(second, Is.EqualTo(100).Within(1));
        for (int i = 0; i < 10; i++)
            MillisecondsOf(ref congestion);
        Assert.That(MillisecondsOf(ref congestion), Is.EqualTo(1000).Within(1));
        _now += 5000 * s_millisecond;
        Assert.That(MillisecondsOf(ref congestion), Is.EqualTo(50).Within(1));
    }

    private double MillisecondsOf(ref Congestion congestion)
    {
        for (int i = 0; i < 20 && !congestion.Lasts(_now); i++)
            Add(ref congestion, between: 4, busy: 0.5, waited: 3.5, done: 9, count: 10);
        long start = _now;
        while (congestion.Lasts(_now))
            _now += s_millisecond / 10;
        return (double)(_now - start) / s_millisecond;
    }

    private void Add(ref Congestion congestion, double between, double busy, double waited, int done, int count)
    {
        _now += (long)(between * s_millisecond);
        congestion.Add(_now, (long)(busy * s_millisecond), (long)(waited * s_millisecond), done, count);
    }
}
