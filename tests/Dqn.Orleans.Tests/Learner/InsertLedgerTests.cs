using Dqn.Orleans.Learner;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;

namespace Dqn.Tests.Learners;

[TestFixture]
public sealed class InsertLedgerTests
{
    [Test]
    public async Task A_report_that_comes_twice_counts_once()
    {
        var limiter = new RateLimiter(1, 0, 1_000);
        var ledger = new InsertLedger(limiter);
        Assert.That(await ledger.ReserveAsync("a", 64, TimeSpan.Zero, default));
        Assert.That(ledger.Insert(Report("a", 0, 64)));
        Assert.That(ledger.Insert(Report("a", 0, 64)), Is.False);
        Assert.That(ledger.Insert(Report("b", 0, 10)), "another machine's first");
        Assert.That((ledger.Inserted, ledger.InsertedBy("a"), ledger.InsertedBy("b")), Is.EqualTo((74L, 64L, 10L)));
        Assert.That(limiter.InsertedCount, Is.EqualTo(74));
    }

    [Test]
    public async Task What_a_dead_machine_was_permitted_goes_to_others()
    {
        var limiter = new RateLimiter(1, 0, 100);
        var ledger = new InsertLedger(limiter);
        while (await ledger.ReserveAsync("dead", 10, TimeSpan.Zero, default))
        {
        }

        long reserved = limiter.ReservedCount;
        Assert.That(reserved, Is.GreaterThan(0));
        Assert.That(await ledger.ReserveAsync("other", 10, TimeSpan.Zero, default), Is.False);
        ledger.Forget("dead");
        Assert.That(limiter.ReservedCount, Is.Zero);
        Assert.That(await ledger.ReserveAsync("other", 10, TimeSpan.Zero, default));
    }

    [Test]
    public async Task Whose_wait_is_cancelled_has_no_permit()
    {
        var limiter = new RateLimiter(1, 0, 100);
        var ledger = new InsertLedger(limiter);
        while (await ledger.ReserveAsync("a", 10, TimeSpan.Zero, default))
        {
        }

        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        Assert.That(await ledger.ReserveAsync("b", 10, TimeSpan.FromMinutes(1), cancelled.Token), Is.False);
    }

    private static SegmentReport Report(string host, long number, int transitions) => new()
    {
        Host = host,
        Number = number,
        Epoch = default,
        Environment = 0,
        Actions = new int[transitions],
        Rewards = new float[transitions],
        Episodes = [],
    };
}
