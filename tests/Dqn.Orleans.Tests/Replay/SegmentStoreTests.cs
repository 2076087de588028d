using Dqn.Orleans.Replay;
using Dqn.Randomness;
using Dqn.Replay;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Dqn.Tests.Replay;

public class SegmentStoreTests
{
    private static readonly SegmentFormat s_format = new(4, 1);

    [Test]
    public void Whole_oldest_segments_go_and_the_counts_add_up([Values(65, 100, 1000)] int capacity, [Values] bool prioritized)
    {
        var random = new Pcg64(2);
        var store = new SegmentStore(s_format, capacity, prioritized ? new PrioritizedReplayOptions() : null, SegmentStore.DrawFirstId());
        var writer = new SegmentWriter(s_format, 1, prioritized: false);
        var stream = new RandomStream(s_format, random, 30, null, 0, writer);
        var kept = new List<TransitionSegment>();
        long inserted = 0, largestId = -1;
        for (int i = 0; i < 60; i++)
        {
            stream.Play(1 + random.Integer(100));
            if (random.Integer(3) == 0)
                stream.Cut();
            while (writer.TryTake(out TransitionSegment? segment))
            {
                kept.Add(segment);
                store.Add(segment);
                inserted += segment.Transitions;
                while (kept.Sum(s => s.WindowPlaces) > capacity)
                    kept.RemoveAt(0);
                Assert.That(
                    (store.Count, store.Inserted, store.Evicted, store.Bytes),
                    Is.EqualTo(((long)kept.Sum(s => s.Transitions), inserted, inserted - store.Count, kept.Sum(s => s.Bytes))));
                Assert.That(store.Totals, Is.EqualTo(new ShardTotals(store.Count, store.Count, 1)));
                SortedDictionary<long, Transition> all = Transition.AllOf(store, s_format, 1, 1);
                Assert.That(all, Has.Count.EqualTo(store.Count));
                Assert.That(all.Keys.Last(), Is.GreaterThan(largestId));
                largestId = all.Keys.Last();
            }
        }
    }

    [Test]
    public void A_segment_s_arrays_are_kept_not_copied()
    {
        var store = new SegmentStore(s_format, 100, null);
        TransitionSegment segment = Segment(10);
        store.Add(segment);
        segment.Actions[3] = 99;
        Assert.That(Transition.AllOf(store, s_format, 1, 1).Values.Count(t => t.Action == 99), Is.EqualTo(1));
    }

    [Test]
    public void First_priorities_and_corrected_ones_are_the_likelihoods()
    {
        var options = new PrioritizedReplayOptions { PriorityExponent = 0.5, PriorityOffset = 0.25 };
        var store = new SegmentStore(s_format, 100, options);
        store.Add(Segment(3, [0, 2, 12])); // (|δ| + ¼)^½: 0.5, 1.5, 3.5
        Assert.That(store.Totals, Is.EqualTo(new ShardTotals(3, 5.5, 12.25)));
        SampledTransitions sampled = store.Sample(Draws(0, 0.05, 0.1, 0.35, 0.37, 1));
        Assert.That(sampled.Ids, Is.EqualTo(new long[] { 0, 0, 1, 1, 2, 2 }));
        Assert.That(sampled.Likelihoods, Is.EqualTo(new[] { 0.5, 0.5, 1.5, 1.5, 3.5, 3.5 }));

        // Unknown numbers and a place without a transition, 3, are passed over; of one that occurs twice the last counts.
        store.UpdatePriorities(new PriorityUpdate { Ids = [0, 2, 2, 3, 77, -1], TdErrors = [-6, 1, 0.75f, 1, 1, 1] });
        Assert.That(store.Totals, Is.EqualTo(new ShardTotals(3, 2.5 + 1.5 + 1, 12.25)));

        // Where nobody said how large a new one's error is, it is the largest so far.
        store.Add(Segment(1));
        Assert.That(store.Totals, Is.EqualTo(new ShardTotals(4, 5 + 3.5, 12.25)));
    }

    [Test]
    public void An_update_for_what_was_evicted_is_passed_over()
    {
        var store = new SegmentStore(s_format, 65, new PrioritizedReplayOptions());
        store.Add(Segment(40));
        SampledTransitions old = store.Sample(Draws(0.1, 0.5));
        store.Add(Segment(40));
        ShardTotals totals = store.Totals;
        store.UpdatePriorities(new PriorityUpdate { Ids = old.Ids, TdErrors = [5, 5] });
        Assert.That(store.Totals, Is.EqualTo(totals));
    }

    [Test]
    public void Shared_frames_are_sent_once([Values(1, 2, 6)] int steps)
    {
        var format = new SegmentFormat(10, 4, 0, steps);
        var store = new SegmentStore(format, 1000, null);
        var writer = new SegmentWriter(format, 1, prioritized: false);
        writer.Begin(new byte[40]);
        for (int i = 0; i < 200; i++)
            writer.Add(0, 0, false, false, new byte[40]);
        _ = writer.TryTake(out _);
        Assert.That(writer.TryTake(out TransitionSegment? segment)); // Far from the start.
        store.Add(segment!);
        SampledTransitions sampled = store.Sample(Request(steps, 0.1, 0.5, 0.9));
        Assert.That(sampled.Frames, Has.Length.EqualTo(3 * 10 * (4 + Math.Min(4, steps))));
    }

    [Test]
    public void The_messages_come_back_equal_from_the_wire()
    {
        var random = new Pcg64(4);
        var format = new SegmentFormat(10, 3, RandomStream.Actions, 2);
        var store = new SegmentStore(format, 1000, new PrioritizedReplayOptions(), SegmentStore.DrawFirstId());
        var writer = new SegmentWriter(format, 1, prioritized: false);
        var stream = new RandomStream(format, random, 10, null, 0, writer);
        stream.Play(200);
        stream.Cut();
        while (writer.TryTake(out TransitionSegment? segment))
            store.Add(segment);

        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Serializer serializer = services.GetRequiredService<Serializer>();
        SampleRequest request = Back(Request(2, [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble())]));
        SampledTransitions sampled = store.Sample(request), back = Back(sampled);
        Assert.That(back.Fits(format, 50));
        Assert.That((back.Totals, back.Ids, back.Likelihoods), Is.EqualTo((sampled.Totals, sampled.Ids, sampled.Likelihoods)));
        Assert.That(Transition.AllOf(back, format), Is.EqualTo(Transition.AllOf(sampled, format)));
        PriorityUpdate update = Back(new PriorityUpdate { Ids = sampled.Ids, TdErrors = [.. sampled.Rewards] });
        Assert.That((update.Ids, update.TdErrors), Is.EqualTo((sampled.Ids, sampled.Rewards)));

        T Back<T>(T message)
            where T : class => serializer.Deserialize<T>(serializer.SerializeToArray(message))!;
    }

    [Test]
    public void An_empty_store_gives_nothing()
    {
        SampledTransitions sampled = new SegmentStore(s_format, 65, null).Sample(Draws(0.5));
        Assert.That((sampled.Count, sampled.Totals), Is.EqualTo((0, new ShardTotals(0, 0, 1))));
        Assert.That(sampled.Fits(s_format, 1));
    }

    [Test]
    public void A_segment_of_another_format_is_refused()
    {
        var store = new SegmentStore(new SegmentFormat(5, 1), 100, null);
        Assert.That(() => store.Add(Segment(5)), Throws.ArgumentException.With.Message.Contains("Expected a segment of 1 × 5-byte"));
        Assert.That((store.Inserted, store.Totals.LikelihoodSum), Is.EqualTo((0L, 0d)));

        // A running episode's part, with too little context or look-ahead.
        var writer = new SegmentWriter(s_format, 1, prioritized: false);
        writer.Begin([0, 0, 0, 0]);
        for (int i = 0; i < 200; i++)
            writer.Add(0, 0, false, false, [0, 0, 0, 0]);
        Assert.That(writer.TryTake(out TransitionSegment? first) & writer.TryTake(out TransitionSegment? second));
        Assert.Multiple(() =>
        {
            Assert.That(() => new SegmentStore(new SegmentFormat(4, 1, 3), 100, null).Add(first!), Throws.ArgumentException);
            Assert.That(() => new SegmentStore(new SegmentFormat(4, 1, 0, 2), 100, null).Add(first!), Throws.ArgumentException);
            Assert.That(() => new SegmentStore(new SegmentFormat(4, 2, 0, 1), 100, null).Add(second!), Throws.ArgumentException);
            Assert.That(() => new SegmentStore(s_format, 100, null).Add(Segment(2, [1, float.NaN])), Throws.ArgumentException);
            Assert.That(() => new SegmentStore(s_format, 100, null).Add(Segment(2, [1])), Throws.ArgumentException);
        });
    }

    [Test]
    public void Arguments_out_of_range_are_refused()
    {
        var store = new SegmentStore(s_format, 65, new PrioritizedReplayOptions());
        store.Add(Segment(2));
        Assert.Multiple(() =>
        {
            Assert.That(() => new SegmentStore(s_format, 64, null), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => store.Sample(Draws(-0.1)), Throws.ArgumentException);
            Assert.That(() => store.Sample(Draws(double.NaN)), Throws.ArgumentException);
            Assert.That(() => store.Sample(Request(2, 0.5)), Throws.ArgumentException.With.Message.Contains("steps"));
            Assert.That(
                () => store.UpdatePriorities(new PriorityUpdate { Ids = [0], TdErrors = [] }), Throws.ArgumentException);
            Assert.That(
                () => store.UpdatePriorities(new PriorityUpdate { Ids = [0], TdErrors = [float.NaN] }), Throws.ArgumentException);
        });
    }

    private static SampleRequest Draws(params double[] draws) => Request(1, draws);

    private static SampleRequest Request(int steps, params double[] draws) => new() { Draws = draws, Steps = steps, Discount = 1 };

    private static TransitionSegment Segment(int transitions, float[]? priorities = null)
    {
        var writer = new SegmentWriter(s_format, 1, prioritized: false);
        writer.Begin([0, 0, 0, 0]);
        for (int i = 0; i < transitions; i++)
            writer.Add(i % 5, i, terminated: i == transitions - 1, truncated: false, [1, 2, 3, (byte)i]);
        writer.Cut();
        Assert.That(writer.TryTake(out TransitionSegment? made));
        return new TransitionSegment
        {
            Environment = made!.Environment,
            Epoch = made.Epoch,
            Number = made.Number,
            WeightsVersion = made.WeightsVersion,
            WindowStart = made.WindowStart,
            WindowEnd = made.WindowEnd,
            Transitions = made.Transitions,
            Frames = made.Frames,
            Flags = made.Flags,
            Actions = made.Actions,
            Rewards = made.Rewards,
            LegalActions = made.LegalActions,
            Priorities = priorities ?? [],
        };
    }
}
