using Dqn.Orleans.Replay;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

/// <summary>What goes through segments and a store is what goes into a buffer.</summary>
public class SegmentReplayTests
{
    [Test]
    public void Every_transition_is_the_one_of_a_buffer(
        [Values(1, 2, 4)] int stack, [Values(1, 2, 5)] int steps, [Values(2, 15, 400)] int meanLength, [Values] bool masks)
    {
        const int Environments = 3;
        const double Discount = 0.9;
        var random = new Pcg64((ulong)(stack + 10 * steps + 100 * meanLength));
        var format = new SegmentFormat(3, stack, masks ? RandomStream.Actions : 0, steps);
        var buffer = new ReplayBuffer(10_000, format.FrameBytes, stack, Environments, format.MaskedActions);
        var store = new SegmentStore(format, 10_000, null, firstId: 12_345);
        var owners = new Dictionary<long, int>();
        long nextId = 12_345;

        var writers = Enumerable.Range(0, Environments).Select(i => new SegmentWriter(format, Discount, false, i)).ToArray();
        var streams = writers.Select((writer, i) => new RandomStream(format, random, meanLength, buffer, i, writer)).ToArray();
        for (int round = 0; round < 40; round++)
        {
            streams[round % Environments].Play(1 + random.Integer(60));
            if (round >= 37)
                streams[round % Environments].Cut();
            while (writers[round % Environments].TryTake(out TransitionSegment? segment))
            {
                for (int i = 0; i < segment.WindowPlaces; i++)
                    owners[nextId++] = segment.Environment;
                store.Add(segment);
            }
        }

        Assert.That(store.Count, Is.EqualTo(streams.Sum(stream => stream.Steps)).And.EqualTo(buffer.Count));
        for (int asked = 1; asked <= steps; asked++)
        {
            var expected = Transition.AllOf(buffer, random, asked, Discount);
            var actual = Transition.AllOf(store, format, asked, Discount);
            for (int lane = 0; lane < Environments; lane++)
            {
                Assert.That(
                    actual.Where(pair => owners[pair.Key] == lane).Select(pair => pair.Value),
                    Is.EqualTo(expected.Where(pair => pair.Key % Environments == lane).Select(pair => pair.Value)));
            }
        }
    }

    [Test]
    public void So_it_is_where_a_message_holds_one_large_frame_s_transition([Values(1, 3)] int steps)
    {
        var random = new Pcg64(3);
        var format = new SegmentFormat(100_000, 4, 0, steps);
        Assert.That(format.WindowPlaces, Is.EqualTo(1));
        var buffer = new ReplayBuffer(100, format.FrameBytes, format.StackedFrames);
        var store = new SegmentStore(format, 100, null);
        var writer = new SegmentWriter(format, 0.9, prioritized: false);
        var stream = new RandomStream(format, random, 6, buffer, 0, writer);
        stream.Play(12);
        stream.Cut();
        while (writer.TryTake(out TransitionSegment? segment))
            store.Add(segment);
        Assert.That(
            Transition.AllOf(store, format, steps, 0.9).Values,
            Is.EqualTo(Transition.AllOf(buffer, random, steps, 0.9).Values));
    }

    [Test]
    public void Likelihoods_are_those_of_a_prioritized_buffer()
    {
        var random = new Pcg64(5);
        var format = new SegmentFormat(8, 2);
        var options = new PrioritizedReplayOptions { PriorityExponent = 0.7, PriorityOffset = 0.01 };
        var buffer = new PrioritizedReplayBuffer(1000, 8, 2, options: options);
        var store = new SegmentStore(format, 1000, options);
        var writer = new SegmentWriter(format, 1, prioritized: false); // New ones have the largest priority.
        var stream = new RandomStream(format, random, 20, buffer, 0, writer);
        for (int round = 0; round < 5; round++)
        {
            stream.Play(60);
            stream.Cut();
            while (writer.TryTake(out TransitionSegment? segment))
                store.Add(segment);
            var expected = Drawn(buffer, random);
            var actual = Drawn(store, format, random);
            Assert.That(actual.Keys, Is.EquivalentTo(expected.Keys), "the same transitions");
            double unit = actual.First().Value.Likelihood / expected[actual.First().Key].Likelihood;
            foreach ((Transition transition, (_, double likelihood)) in actual)
                Assert.That(likelihood, Is.EqualTo(unit * expected[transition].Likelihood).Within(1e-4 * likelihood));

            // The errors of some, larger than ever at times, so that the next new ones change.
            Transition[] learnt = [.. actual.Keys.Where(_ => random.Integer(3) == 0)];
            float[] errors = [.. learnt.Select(_ => (float)random.Uniform(-round - 1, round + 1))];
            buffer.UpdatePriorities([.. learnt.Select(t => expected[t].Id)], errors);
            store.UpdatePriorities(new PriorityUpdate { Ids = [.. learnt.Select(t => actual[t].Id)], TdErrors = errors });
        }
    }

    private static Dictionary<Transition, (long Id, double Likelihood)> Drawn(PrioritizedReplayBuffer buffer, Pcg64 random)
    {
        var batch = new TransitionBatch((int)buffer.Count * 200, buffer.ObservationBytes);
        buffer.Sample(random, batch, importanceExponent: 1);
        var drawn = new Dictionary<Transition, (long, double)>();
        for (int i = 0; i < batch.Size; i++)
            drawn[Transition.Of(batch, i)] = (batch.Ids[i], 1 / batch.Weights[i]);
        Assert.That(drawn, Has.Count.EqualTo(buffer.Count), "each was drawn");
        return drawn;
    }

    private static Dictionary<Transition, (long Id, double Likelihood)> Drawn(SegmentStore store, SegmentFormat format, Pcg64 random)
    {
        SampledTransitions sampled = store.Sample(new SampleRequest
        {
            Draws = [.. Enumerable.Range(0, (int)store.Count * 200).Select(_ => random.NextDouble())],
            Steps = 1,
            Discount = 1,
        });
        var contents = Transition.AllOf(sampled, format);
        var drawn = new Dictionary<Transition, (long, double)>();
        for (int i = 0; i < sampled.Count; i++)
            drawn[contents[sampled.Ids[i]]] = (sampled.Ids[i], sampled.Likelihoods[i]);
        return drawn;
    }
}
