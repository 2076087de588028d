using Dqn.Orleans.Replay;
using Dqn.Randomness;

namespace Dqn.Tests.Replay;

public class RateLimiterTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    [Test]
    public async Task The_ratio_is_held_within_a_hundredth_whichever_side_is_slow(
        [Values(0.25, 8, 30.5)] double ratio, [Values] bool slowSampler, [Values(0, 1000)] int minimum)
    {
        const int Actors = 5, Insert = 64, Batch = 32;
        double buffer = RateLimiter.LeastErrorBuffer(ratio, Insert, Batch);
        long enough = (long)Math.Ceiling(100 * buffer / Math.Min(1, ratio));
        var limiter = new RateLimiter(ratio, minimum, buffer);
        using var stop = new CancellationTokenSource();

        Task[] actors = [.. Enumerable.Range(0, Actors).Select(actor => Task.Run(async () =>
        {
            var random = new Pcg64((ulong)actor);
            try
            {
                while (true)
                {
                    int transitions = 1 + random.Integer(Insert);
                    if (!await limiter.ReserveInsertAsync(actor, transitions, s_long, stop.Token))
                        throw new TimeoutException();
                    if (!slowSampler)
                        await Task.Yield();
                    limiter.Inserted(actor, transitions);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }))];

        double worst = 0;
        bool settled = minimum == 0; // The insert that reaches the minimum may pass the buffer.
        while (limiter.SampledCount < enough)
        {
            if (slowSampler)
                await Task.Yield();
            await limiter.WaitToSampleAsync(Batch, stop.Token).AsTask().WaitAsync(s_long);
            long sampled = limiter.SampledCount, inserted = limiter.InsertedCount;
            double error = Math.Abs(sampled - ratio * (inserted - minimum));
            settled |= error <= buffer;
            if (settled)
                worst = Math.Max(worst, error);
            else
                Assert.That(error, Is.LessThanOrEqualTo(ratio * (Insert - 1)), "the one insert that may be early");
        }

        long samples = limiter.SampledCount, inserts = limiter.InsertedCount;
        await stop.CancelAsync();
        await Task.WhenAll(actors).WaitAsync(s_long);
        Assert.That(samples / (ratio * (inserts - minimum)), Is.EqualTo(1).Within(0.01));
        Assert.That(settled);
        Assert.That(worst, Is.LessThanOrEqualTo(buffer + Batch + 1e-6), "never far off, however the two reads fell");
        Assert.That(limiter.ReservedCount, Is.Zero);
    }

    [Test]
    public void Nothing_is_sampled_below_the_minimum_size()
    {
        var limiter = new RateLimiter(1, 100, 50);
        Task sample = limiter.WaitToSampleAsync(10).AsTask();
        limiter.Inserted(0, 99);
        Assert.That(sample.IsCompleted, Is.False);
        limiter.Inserted(0, 1);
        Assert.That(sample.Wait(s_long));
        Assert.That(limiter.SampledCount, Is.EqualTo(10));
    }

    [Test]
    public async Task The_insert_that_reaches_the_minimum_never_waits_for_samples_that_wait_for_it(
        [Range(960, 1000)] int inserted)
    {
        const int Insert = 64, Batch = 32;
        const double Ratio = 30.5;
        var limiter = new RateLimiter(Ratio, 1000, RateLimiter.LeastErrorBuffer(Ratio, Insert, Batch));
        limiter.Inserted(0, inserted);
        long samples = 0;
        for (int i = 0; i < 3; i++)
        {
            ValueTask<bool> insert = limiter.ReserveInsertAsync(0, Insert, s_long);
            for (; limiter.ReservedCount == 0; samples += Batch)
                Assert.That(limiter.WaitToSampleAsync(Batch).IsCompletedSuccessfully, "one of the two may always go on");
            Assert.That(await insert);
            limiter.Inserted(0, Insert);
        }

        Assert.That((limiter.InsertedCount, limiter.SampledCount), Is.EqualTo((inserted + (3L * Insert), samples)));
    }

    [Test]
    public async Task Inserts_stop_a_buffer_ahead_and_go_on_in_the_order_in_which_they_came()
    {
        var limiter = new RateLimiter(2, 10, 20);
        Assert.That(await limiter.ReserveInsertAsync(1, 20, TimeSpan.Zero)); // 2 · (20 − 10) = 20
        Assert.That(await limiter.ReserveInsertAsync(1, 1, TimeSpan.Zero), Is.False, "not waiting");

        // The first wants much; those behind it want little, and still wait.
        Task<bool>[] waiting = [.. new[] { 15, 1, 1, 1 }.Select((n, i) => limiter.ReserveInsertAsync(i, n, s_long).AsTask())];
        limiter.Inserted(1, 20);
        for (int i = 0; i < 29; i++)
            limiter.WaitToSample(1);
        Assert.That(waiting.Select(t => t.IsCompleted), Has.None.True);
        limiter.WaitToSample(1); // 2 · (35 − 10) − 30 = 20
        Assert.That(await waiting[0].WaitAsync(s_long));
        Assert.That(waiting.Skip(1).Select(t => t.IsCompleted), Has.None.True);
        limiter.WaitToSample(2);
        Assert.That(await waiting[1].WaitAsync(s_long));
        Assert.That(waiting.Skip(2).Select(t => t.IsCompleted), Has.None.True);
        limiter.GiveBack(0); // The 15 were never inserted.
        Assert.That(await Task.WhenAll(waiting).WaitAsync(s_long), Has.All.True);
        Assert.That((limiter.InsertedCount, limiter.ReservedCount, limiter.SampledCount), Is.EqualTo((20L, 3L, 32L)));
    }

    [Test]
    public async Task Who_has_waited_in_vain_or_was_cancelled_leaves_its_place_to_the_next()
    {
        var limiter = new RateLimiter(1, 0, 10);
        Assert.That(await limiter.ReserveInsertAsync(1, 8, TimeSpan.Zero));
        using var cancelled = new CancellationTokenSource();
        Task<bool> first = limiter.ReserveInsertAsync(2, 5, s_long, cancelled.Token).AsTask();
        Task<bool> second = limiter.ReserveInsertAsync(3, 4, TimeSpan.FromMilliseconds(20)).AsTask();
        Task<bool> third = limiter.ReserveInsertAsync(4, 2, s_long).AsTask();
        await cancelled.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await second.WaitAsync(s_long), Is.False);
        Assert.That(await third.WaitAsync(s_long));
        Assert.That(limiter.ReservedCount, Is.EqualTo(10));
    }

    [Test]
    public async Task A_cancelled_sample_counts_nothing()
    {
        var limiter = new RateLimiter(1, 10, 5);
        using var cancelled = new CancellationTokenSource();
        Task sample = limiter.WaitToSampleAsync(5, cancelled.Token).AsTask();
        var blocked = Task.Run(() => limiter.WaitToSample(5, cancelled.Token));
        await cancelled.CancelAsync();
        Assert.That(async () => await sample, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await blocked, Throws.InstanceOf<OperationCanceledException>());
        limiter.Inserted(0, 100);
        Assert.That(limiter.SampledCount, Is.Zero);
        Assert.That(() => limiter.WaitToSample(5, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Given_back_is_what_is_still_reserved_no_more()
    {
        var limiter = new RateLimiter(1, 0, 20);
        await limiter.ReserveInsertAsync(1, 10, TimeSpan.Zero);
        await limiter.ReserveInsertAsync(2, 10, TimeSpan.Zero);
        limiter.Inserted(1, 4);
        limiter.GiveBack(1, 5);
        Assert.That(limiter.ReservedCount, Is.EqualTo(11));
        limiter.GiveBack(1, 5);
        limiter.GiveBack(1);
        limiter.GiveBack(77);
        Assert.That(limiter.ReservedCount, Is.EqualTo(10));
        limiter.Inserted(1, 1); // It was not dead after all: what is there counts.
        Assert.That((limiter.InsertedCount, limiter.ReservedCount), Is.EqualTo((5L, 10L)));
    }

    [Test]
    public async Task Counts_go_on_where_they_were_saved()
    {
        var limiter = new RateLimiter(2, 100, 50, inserted: 1000, sampled: 1800);
        Assert.That(await limiter.ReserveInsertAsync(1, 25, TimeSpan.Zero));
        Assert.That(await limiter.ReserveInsertAsync(1, 1, TimeSpan.Zero), Is.False);
        limiter.WaitToSample(50);
        Assert.That(limiter.WaitToSampleAsync(1).IsCompleted, Is.False);
    }

    [Test]
    public void What_could_never_proceed_is_refused()
    {
        var limiter = new RateLimiter(2, 0, 10);
        Assert.Multiple(() =>
        {
            Assert.That(() => limiter.ReserveInsertAsync(0, 11, s_long), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => limiter.ReserveInsertAsync(0, 0, s_long), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => limiter.WaitToSample(21), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new RateLimiter(0, 0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new RateLimiter(1, -1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new RateLimiter(1, 0, double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }
}
