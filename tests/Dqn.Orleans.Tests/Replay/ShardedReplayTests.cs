using System.Collections.Concurrent;
using Dqn.Orleans.Replay;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

public class ShardedReplayTests
{
    private const double Discount = 0.9;
    private const int Batch = 32;

    private static readonly SegmentFormat s_format = new(8, 2, 0, 2);
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    private readonly Pcg64 _random = new(1);

    [Test]
    public async Task Batches_are_distributed_and_weighted_as_those_of_one_buffer([Values] bool prioritized, [Values(4, 32)] int prefetched)
    {
        // The same three streams into one buffer and into shards of very different sizes.
        const double Beta = 0.6;
        PrioritizedReplayOptions? options = prioritized ? new() { PriorityExponent = 0.8, PriorityOffset = 0.05 } : null;
        int[] lengths = [300, 40, 5];
        PrioritizedReplayBuffer buffer = new(3000, 8, 2, lengths.Length, options ?? new() { PriorityExponent = 0 });
        MemoryShard[] shards = [.. lengths.Select((length, lane) => Shard(length, options, buffer, lane))];
        await using ShardedReplay replay = Replay(options, prefetched: prefetched);
        for (int i = 0; i < shards.Length; i++)
            replay.Attach($"{i}", shards[i]);
        Assert.That((replay.Count, buffer.Count), Is.EqualTo((345L, 345L)));

        // Errors by content: what a transition is, not where.
        var batch = new TransitionBatch(buffer.ObservationBytes * 200 * 10, buffer.ObservationBytes);
        buffer.Sample(_random, batch, s_format.Steps, Discount);
        var errors = new Dictionary<Transition, float>();
        for (int i = 0; i < batch.Size; i++)
            errors.TryAdd(Transition.Of(batch, i), (float)Math.Pow(10, _random.Uniform(-1, 0.5)));
        Assert.That(errors, Has.Count.EqualTo(345));
        buffer.UpdatePriorities(batch.Ids, [.. Enumerable.Range(0, batch.Size).Select(i => errors[Transition.Of(batch, i)])]);
        foreach (MemoryShard shard in shards)
        {
            var all = Transition.AllOf(shard.Store, s_format, s_format.Steps, Discount);
            if (prioritized)
                all = Transition.AllOf(shard.Store.Sample(Evenly(5000)), s_format);
            await shard.UpdatePriorities(new PriorityUpdate { Ids = [.. all.Keys], TdErrors = [.. all.Values.Select(t => errors[t])] });
        }

        await UntilAsync(() => replay.Shards.Zip(shards).All(pair => pair.First.Totals == pair.Second.Store.Totals));
        var likelihoods = errors.ToDictionary(pair => pair.Key, pair => prioritized ? Math.Pow(pair.Value + 0.05, 0.8) : 1);
        foreach (IReplaySource source in (IReplaySource[])[buffer, replay])
        {
            var counts = errors.Keys.ToDictionary(t => t, _ => 0);
            batch = new TransitionBatch(Batch, buffer.ObservationBytes);
            const int Batches = 2000;
            for (int i = 0; i < Batches; i++)
            {
                source.Sample(_random, batch, s_format.Steps, Discount, Beta);
                double least = double.PositiveInfinity;
                for (int j = 0; j < Batch; j++)
                    least = Math.Min(least, likelihoods[Transition.Of(batch, j)]);
                for (int j = 0; j < Batch; j++)
                {
                    var transition = Transition.Of(batch, j);
                    counts[transition]++;
                    Assert.That(
                        batch.Weights[j], Is.EqualTo(prioritized ? (float)Math.Pow(least / likelihoods[transition], Beta) : 1f).Within(1e-6f));
                }
            }

            // Drawn piece by piece, the counts vary less than χ² allows for.
            double unit = Batches * Batch / likelihoods.Values.Sum();
            double chiSquare = counts.Sum(pair => Math.Pow(pair.Value - unit * likelihoods[pair.Key], 2) / (unit * likelihoods[pair.Key]));
            int freedom = counts.Count - 1;
            Assert.That(chiSquare, Is.LessThan(freedom + 4 * Math.Sqrt(2.0 * freedom)), source.GetType().Name);
        }
    }

    [Test]
    public async Task Corrected_priorities_arrive_where_the_transitions_are()
    {
        var options = new PrioritizedReplayOptions { PriorityExponent = 1, PriorityOffset = 1e-3 };
        MemoryShard[] shards = [Shard(100, options), Shard(100, options)];
        await using ShardedReplay replay = Replay(options, pending: 10_000); // Room for all: none is dropped, however slow.
        replay.Attach("a", shards[0]);
        replay.Attach("b", shards[1]);

        // All errors become the first number of the observation: afterwards it can be read from the weights.
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        var corrected = new HashSet<long>();
        var errors = new float[Batch];
        while (corrected.Count < 190)
        {
            replay.Sample(_random, batch, s_format.Steps, Discount);
            for (int i = 0; i < Batch; i++)
            {
                errors[i] = Error(batch, i);
                corrected.Add(batch.Ids[i]);
            }

            replay.UpdatePriorities(batch.Ids, errors);
        }

        await UntilAsync(() => replay.Shards.All(shard => shard.DroppedUpdates == 0) && WeightsAgree());

        bool WeightsAgree()
        {
            replay.Sample(_random, batch, s_format.Steps, Discount, 1);
            double[] likelihoods = [.. Enumerable.Range(0, Batch).Select(i => Error(batch, i) + 1e-3)];
            bool agree = true;
            for (int i = 0; i < Batch; i++)
                agree &= !batch.Ids.ToArray().All(corrected.Contains) || Math.Abs(batch.Weights[i] - likelihoods.Min() / likelihoods[i]) < 1e-4;
            return agree && batch.Ids.ToArray().All(corrected.Contains);
        }

        static float Error(TransitionBatch batch, int i) => 0.5f + batch.Observations[i * batch.ObservationBytes] / 64f;
    }

    [Test]
    public async Task A_shard_that_fails_or_hangs_is_left_out_and_reported_until_it_answers_again([Values] bool hangs)
    {
        MemoryShard good = Shard(50), bad = Shard(500);
        var failures = new ConcurrentQueue<(string Shard, Exception)>();

        // On a busy machine a good shard's answer takes its time, too.
        await using ShardedReplay replay = Replay(timeout: hangs ? TimeSpan.FromSeconds(2) : s_long, failed: (id, e) => failures.Enqueue((id, e)));
        replay.Attach("good", good);
        replay.Attach("bad", bad);
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        bad.Before = hangs ? MemoryShard.Hang : MemoryShard.Fail;
        for (int i = 0; i < 30; i++)
            replay.Sample(_random, batch, s_format.Steps, Discount);
        await UntilAsync(() => !failures.IsEmpty && !replay.Shards[1].Answers);
        for (int i = 0; i < 10; i++)
        {
            replay.Sample(_random, batch, s_format.Steps, Discount);
            replay.UpdatePriorities(batch.Ids, new float[Batch]);
        }

        Assert.That(batch.Ids.ToArray().Select(TransitionIds.Slot), Has.All.EqualTo(0));
        Assert.That(failures.Select(f => f.Shard), Has.All.EqualTo("bad"));
        Assert.That(failures.First().Item2, hangs ? Is.InstanceOf<TimeoutException>() : Is.InstanceOf<IOException>());

        bad.Before = null;
        await UntilAsync(() =>
        {
            replay.Sample(_random, batch, s_format.Steps, Discount);
            return batch.Ids.ToArray().Count(id => TransitionIds.Slot(id) == 1) > Batch / 2;
        });
    }

    [Test]
    public async Task A_detached_shard_is_no_longer_waited_for()
    {
        MemoryShard good = Shard(50), gone = Shard(500);
        await using ShardedReplay replay = Replay(timeout: TimeSpan.FromHours(1));
        replay.Attach("good", good);
        replay.Attach("gone", gone);
        gone.BeforeSample = MemoryShard.Hang;
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        var sample = Task.Run(() => replay.Sample(_random, batch, s_format.Steps, Discount));
        await UntilAsync(() => gone.Samples > 0);
        replay.Detach("gone");
        replay.Detach("never attached");
        await sample.WaitAsync(s_long);
        Assert.That(batch.Ids.ToArray().Select(TransitionIds.Slot), Has.All.EqualTo(0));
        Assert.That(replay.Shards.Select(shard => shard.Id), Is.EqualTo(new[] { "good" }));
    }

    [Test]
    public async Task Another_life_of_a_shard_has_other_numbers()
    {
        var options = new PrioritizedReplayOptions();
        MemoryShard first = Shard(50, options), second = Shard(50, options);
        await using ShardedReplay replay = Replay(options);
        replay.Attach("a", first);
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        replay.Sample(_random, batch, s_format.Steps, Discount);
        ShardTotals totals = second.Store.Totals;
        replay.Attach("a", second);
        replay.UpdatePriorities(batch.Ids, [.. Enumerable.Repeat(9f, Batch)]);
        long[] before = batch.Ids.ToArray();
        for (int i = 0; i < 10; i++)
            replay.Sample(_random, batch, s_format.Steps, Discount);
        Assert.That(before.Intersect(batch.Ids.ToArray()), Is.Empty);
        Assert.That((first.Updates, second.Updates, second.Store.Totals), Is.EqualTo((0, 0, totals)));
    }

    [Test]
    public async Task Sample_waits_until_a_shard_has_something()
    {
        var store = new SegmentStore(s_format, 1000, null);
        var empty = new MemoryShard(store);
        await using ShardedReplay replay = Replay();
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        var sample = Task.Run(() => replay.Sample(_random, batch, s_format.Steps, Discount));
        replay.Attach("empty", empty);
        Assert.That(replay.Count, Is.Zero);
        Assert.That(sample.IsCompleted, Is.False);
        Fill(empty, 10, null, 0);
        await sample.WaitAsync(s_long);
        Assert.That((replay.Count, replay.Waits), Is.EqualTo((10L, 1L)));
        Assert.That(replay.WaitTime, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public async Task A_wait_ends_where_it_is_cancelled_or_replay_disposed([Values] bool cancelled)
    {
        using var cancellation = new CancellationTokenSource();
        ShardedReplay replay = Replay(cancellation: cancellation.Token);
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        var sample = Task.Run(() => replay.Sample(_random, batch, s_format.Steps, Discount));
        if (cancelled)
            await cancellation.CancelAsync();
        else
            await replay.DisposeAsync();
        Assert.That(async () => await sample.WaitAsync(s_long), Throws.InstanceOf<OperationCanceledException>());
        await replay.DisposeAsync();
        Assert.That(() => replay.Sample(_random, batch, s_format.Steps, Discount), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task No_more_batches_are_drawn_ahead_than_asked_for()
    {
        MemoryShard shard = Shard(100);
        await using ShardedReplay replay = Replay(prefetched: 3);
        replay.Attach("a", shard);
        Assert.That(shard.Samples, Is.Zero, "nobody has asked yet");
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        for (int taken = 1; taken <= 5; taken++)
        {
            replay.Sample(_random, batch, s_format.Steps, Discount);
            await UntilAsync(() => shard.Samples == taken + 3);
        }

        await Task.Delay(100); // More would come about now.
        Assert.That(shard.Samples, Is.EqualTo(8));
    }

    // By default four groups; in a group each batch is spread over the whole line by itself.
    [TestCase(8, 32, null, 4, 16)]
    [TestCase(8, 32, 64, 4, 16)]
    [TestCase(8, 32, 12, 4, 3)]
    [TestCase(8, 32, 3, 3, 1)]
    [TestCase(8, 1024, null, 4, 2)]
    [TestCase(7056, 32, null, 4, 1)]
    [TestCase(7056, 32, 9, 9, 1)]
    public void Small_batches_are_asked_for_several_at_a_time(int frameBytes, int batchSize, int? prefetched, int groups, int size)
    {
        var plan = PrefetchPlan.Of(prefetched, new SegmentFormat(frameBytes, 2, 0, 2), batchSize);
        Assert.That((plan.Groups, plan.GroupSize), Is.EqualTo((groups, size)));
    }

    [Test]
    public async Task One_request_gives_a_group_of_batches_each_drawn_as_if_alone()
    {
        MemoryShard[] shards = [Shard(300), Shard(100)];
        await using ShardedReplay replay = Replay(prefetched: 32);
        for (int i = 0; i < shards.Length; i++)
            replay.Attach($"{i}", shards[i]);
        await UntilAsync(() => replay.Count == 400);
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        for (int taken = 1; taken <= 24; taken++)
        {
            replay.Sample(_random, batch, s_format.Steps, Discount);
            int[] slots = [.. batch.Ids.ToArray().Select(TransitionIds.Slot)];
            Assert.That(slots.Count(slot => slot == 1), Is.EqualTo(Batch / 4), "a quarter of the line is the second's");
            Assert.That(slots, Is.Ordered, "items go along the line");
        }

        await UntilAsync(() => shards[1].Samples == 7); // Three groups of eight are taken, four are ahead.
        Assert.That(shards[0].Samples, Is.EqualTo(7));
    }

    [Test]
    public async Task Large_frames_come_in_several_answers()
    {
        var format = new SegmentFormat(1 << 20, 1);
        var store = new SegmentStore(format, 10, null);
        var shard = new MemoryShard(store);
        var writer = new SegmentWriter(format, Discount, prioritized: false);
        var stream = new RandomStream(format, _random, 15, null, 0, writer);
        stream.Play(5);
        stream.Cut();
        while (writer.TryTake(out TransitionSegment? segment))
            shard.Add(segment);
        var known = Transition.AllOf(store, format, 1, Discount).Values.ToHashSet();
        var options = new ShardedReplayOptions { BatchSize = 5, Discount = Discount, PrefetchedBatches = 1 };
        await using var replay = new ShardedReplay(format, options, 1);
        replay.Attach("a", shard);
        var batch = new TransitionBatch(5, format.ObservationBytes);
        replay.Sample(_random, batch, 1, Discount);
        for (int i = 0; i < 5; i++)
            Assert.That(known, Does.Contain(Transition.Of(batch, i)));
        Assert.That(format.MaxDraws, Is.EqualTo(2));
        await UntilAsync(() => shard.Samples == 6); // Three for this batch, three for the one ahead.
    }

    [Test]
    public async Task Updates_for_a_stuck_shard_are_bounded_and_counted()
    {
        var options = new PrioritizedReplayOptions();
        MemoryShard shard = Shard(100, options);
        await using ShardedReplay replay = Replay(options, timeout: TimeSpan.FromHours(1));
        replay.Attach("a", shard);
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        replay.Sample(_random, batch, s_format.Steps, Discount);
        var stuck = new TaskCompletionSource();
        shard.Before = () => stuck.Task;
        replay.UpdatePriorities(batch.Ids, new float[Batch]);
        await UntilAsync(() => shard.Updates == 1);
        for (int i = 0; i < 20; i++)
            replay.UpdatePriorities(batch.Ids, new float[Batch]);
        Assert.That(replay.Shards[0].DroppedUpdates, Is.EqualTo((20 - 8) * Batch), "room for eight batches");
        shard.Before = null;
        stuck.SetResult();
        await UntilAsync(() => shard.Updates == 2);
        Assert.That(replay.Shards[0].DroppedUpdates, Is.EqualTo((20 - 8) * Batch));
    }

    [Test]
    public async Task Shards_that_come_go_fail_and_hang_never_trouble_the_learner()
    {
        var options = new PrioritizedReplayOptions();
        MemoryShard[] shards = [.. Enumerable.Range(0, 4).Select(i => Shard(50 + 100 * i, options))];
        var known = shards.SelectMany(shard => Transition.AllOf(shard.Store.Sample(Evenly(5000)), s_format).Values).ToHashSet();
        await using ShardedReplay replay = Replay(options, timeout: TimeSpan.FromMilliseconds(20));
        using var stop = new CancellationTokenSource();
        var trouble = Task.Run(async () =>
        {
            var random = new Pcg64(9);
            while (!stop.IsCancellationRequested)
            {
                int i = random.Integer(shards.Length);
                switch (random.Integer(4))
                {
                    case 0: replay.Attach($"{i}", shards[i]); break;
                    case 1: replay.Detach($"{i}"); break;
                    case 2: shards[i].Before = random.Integer(2) == 0 ? MemoryShard.Hang : MemoryShard.Fail; break;
                    default: shards[i].Before = random.Integer(2) == 0 ? null : async () => await Task.Yield(); break;
                }

                await Task.Delay(1);
            }
        });
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        for (int i = 0; i < 300; i++)
        {
            replay.Sample(_random, batch, s_format.Steps, Discount);
            for (int j = 0; j < Batch; j++)
                Assert.That(known, Does.Contain(Transition.Of(batch, j)));
            Assert.That(batch.Weights.ToArray(), Has.All.InRange(0, 1).And.Some.EqualTo(1));
            replay.UpdatePriorities(batch.Ids, [.. Enumerable.Range(0, Batch).Select(_ => (float)_random.NextDouble())]);
        }

        await stop.CancelAsync();
        await trouble;
    }

    [Test]
    public async Task What_batches_are_not_drawn_for_is_refused()
    {
        var options = new PrioritizedReplayOptions();
        await using ShardedReplay replay = Replay(options);
        replay.Attach("a", Shard(10, options));
        var batch = new TransitionBatch(Batch, s_format.ObservationBytes);
        Assert.Multiple(() =>
        {
            Assert.That(() => replay.Sample(_random, batch, 1, Discount), Throws.ArgumentException.With.Message.Contains("2 steps"));
            Assert.That(() => replay.Sample(_random, batch, 2, 0.5), Throws.ArgumentException.With.Message.Contains("0.9"));
            Assert.That(() => replay.Sample(_random, batch, 2, Discount, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(
                () => replay.Sample(_random, new TransitionBatch(1, s_format.ObservationBytes), 2, Discount), Throws.ArgumentException);
            Assert.That(
                () => replay.Sample(_random, new TransitionBatch(Batch, s_format.ObservationBytes, 3), 2, Discount), Throws.ArgumentException);
            Assert.That(() => replay.UpdatePriorities([1], []), Throws.ArgumentException);
            Assert.That(() => replay.UpdatePriorities([1], [float.NaN]), Throws.ArgumentException);
        });
        replay.UpdatePriorities([TransitionIds.Of(32_767, 5)], [1]); // Nobody's.
    }

    private static ShardedReplay Replay(
        PrioritizedReplayOptions? options = null, TimeSpan? timeout = null, int? prefetched = 4, int pending = 8,
        Action<string, Exception>? failed = null, CancellationToken cancellation = default)
    {
        var sharded = new ShardedReplayOptions
        {
            BatchSize = Batch,
            Discount = Discount,
            Prioritized = options,
            PrefetchedBatches = prefetched,
            PendingBatches = pending,
            Timeout = timeout ?? s_long,
            TotalsInterval = TimeSpan.FromMilliseconds(5),
        };
        return new ShardedReplay(s_format, sharded, 3, failed, cancellation);
    }

    private MemoryShard Shard(int transitions, PrioritizedReplayOptions? options = null, IReplay? buffer = null, int lane = 0)
    {
        var shard = new MemoryShard(new SegmentStore(s_format, 1000, options));
        Fill(shard, transitions, buffer, lane);
        return shard;
    }

    private void Fill(MemoryShard shard, int transitions, IReplay? buffer, int lane)
    {
        var writer = new SegmentWriter(s_format, Discount, prioritized: false);
        var stream = new RandomStream(s_format, _random, 15, buffer, lane, writer);
        stream.Play(transitions);
        stream.Cut();
        while (writer.TryTake(out TransitionSegment? segment))
            shard.Add(segment);
    }

    private static SampleRequest Evenly(int draws) => new()
    {
        Draws = [.. Enumerable.Range(0, draws).Select(i => (i + 0.5) / draws)],
        Steps = s_format.Steps,
        Discount = Discount,
    };

    private static async Task UntilAsync(Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow + s_long;
        while (!condition())
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(end), "waited in vain");
            await Task.Delay(1);
        }
    }
}
