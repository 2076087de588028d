using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

public sealed class PrioritizedReplayTests
{
    private const int FrameBytes = 3, Stack = 2;

    private static readonly PrioritizedReplayOptions Options = new() { PriorityExponent = 0.7, PriorityOffset = 0.01 };

    [Test]
    public void LikelihoodsAreTheNaiveTwinsThroughWrapsAndLanes(
        [Values(1, 3)] int lanes, [Values(1, 6, 40)] int share, [Values(1, 5)] int meanLength)
    {
        var buffer = new PrioritizedReplayBuffer(new ReplayBuffer(share * lanes, FrameBytes, Stack, lanes, 0, 8), Options);
        var twins = Enumerable.Range(0, lanes).Select(_ => new NaiveReplay(share)).ToArray();
        var episodes = twins.Select((twin, lane) =>
            new RandomEpisodes(buffer, twin, new Pcg64((ulong)(lane + share)), meanLength, lane)).ToArray();
        var priorities = new Dictionary<long, double>();
        double largest = 1;
        var batch = new TransitionBatch(16, FrameBytes * Stack);
        var errors = new float[16];
        var earlier = new long[16];
        var random = new Pcg64(1);
        for (int round = 0; round < 200; round++)
        {
            int lane = random.Integer(lanes);
            episodes[lane].Play(1 + random.Integer(3));
            long[] kept = [.. twins.SelectMany((twin, l) => twin.Transitions.Select(t => t.Id * lanes + l))];
            foreach (long id in kept)
                priorities.TryAdd(id, largest);
            if (kept.Length == 0)
                continue;

            // β = 1: the weight is the least probability in the batch over the transition's own.
            buffer.Sample(random, batch, importanceExponent: 1);
            double least = batch.Ids.ToArray().Min(Likelihood);
            for (int i = 0; i < batch.Size; i++)
            {
                long id = batch.Ids[i];
                Assert.That(kept, Does.Contain(id));
                batch.AssertEqual(i, twins[id % lanes].Transitions.Single(t => t.Id == id / lanes));
                Assert.That(batch.Weights[i], Is.EqualTo(least / Likelihood(id)).Within(1e-5).Percent);
            }

            // Some of the batch before last may have been overwritten; those are passed over.
            long[] ids = round % 2 == 0 ? batch.Ids.ToArray() : earlier;
            for (int i = 0; i < errors.Length; i++)
                errors[i] = (float)Math.Pow(10, random.Uniform(-3, 1)) * (random.Integer(2) * 2 - 1);
            buffer.UpdatePriorities(ids, errors);
            for (int i = 0; i < ids.Length; i++)
            {
                if (!kept.Contains(ids[i]))
                    continue;
                priorities[ids[i]] = Math.Abs(errors[i]) + Options.PriorityOffset;
                largest = Math.Max(largest, priorities[ids[i]]);
            }

            if (round % 4 == 0)
                batch.Ids.CopyTo(earlier);
        }

        double Likelihood(long id) => Math.Pow(priorities[id], Options.PriorityExponent);
    }

    [Test]
    public void TransitionsAreDrawnInProportion([Values(0, 0.5, 1)] double exponent)
    {
        var options = new PrioritizedReplayOptions { PriorityExponent = exponent };
        var buffer = new PrioritizedReplayBuffer(60, 1, Stack, 2, options);
        var episodes = new RandomEpisodes[] { new(buffer, null, new Pcg64(1), 5), new(buffer, null, new Pcg64(2), 5, 1) };
        episodes[0].Play(100);
        episodes[1].Play(20);
        var batch = new TransitionBatch(1000, Stack);
        var random = new Pcg64(3);
        buffer.Sample(random, batch);
        long[] ids = [.. batch.Ids.ToArray().Distinct()];
        float[] errors = [.. ids.Select(id => (float)(0.1 + id % 7))];
        Assert.That(ids, Has.Length.EqualTo(buffer.Count));
        buffer.UpdatePriorities(ids, errors);
        double[] likelihoods = [.. errors.Select(e => Math.Pow(e + 1e-6, exponent))];

        // One draw from each piece of the line: the counts differ less than those of independent draws would.
        const int Batches = 100;
        var counts = ids.ToDictionary(id => id, _ => 0);
        for (int i = 0; i < Batches; i++)
        {
            buffer.Sample(random, batch);
            foreach (long id in batch.Ids)
                counts[id]++;
        }

        for (int i = 0; i < ids.Length; i++)
        {
            double expected = likelihoods[i] / likelihoods.Sum() * Batches * batch.Size;
            Assert.That(counts[ids[i]], Is.EqualTo(expected).Within(1.5 * Batches));
        }
    }

    [Test]
    public void ABatchAsLargeAsTheBufferHasEachOfEqualOnesOnce()
    {
        var buffer = new PrioritizedReplayBuffer(64, 1, 1, 1, new PrioritizedReplayOptions());
        buffer.Begin([0]);
        for (int i = 0; i < 64; i++)
            buffer.Add(0, 0, false, false, [0]);
        var batch = new TransitionBatch(64, 1);
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(batch.Ids.ToArray().Order(), Is.EqualTo(Enumerable.Range(0, 64)));
        Assert.That(batch.Weights.ToArray(), Is.All.EqualTo(1));
    }

    [Test]
    public void WeightsByHand()
    {
        // Priorities 1, 2 and 4 with α = ½; β = ½ from the options: (p ⁄ 1)^−¼.
        var options = new PrioritizedReplayOptions
        {
            PriorityExponent = 0.5,
            PriorityOffset = 0.5,
            ImportanceExponent = 0.5,
        };
        var buffer = new PrioritizedReplayBuffer(10, 1, 1, 1, options);
        buffer.Begin([0]);
        for (byte i = 1; i < 4; i++)
            buffer.Add(0, 0, false, false, [i]);
        buffer.UpdatePriorities([0, 1, 2], [0.5f, -1.5f, 3.5f]);
        var batch = new TransitionBatch(50, 1);
        buffer.Sample(new Pcg64(1), batch);
        AssertWeights(b => Math.Pow(Math.Pow(2, b), -0.25));
        buffer.Sample(new Pcg64(1), batch, importanceExponent: 0);
        AssertWeights(_ => 1);

        // A new one has the largest priority so far, 4.
        buffer.Add(0, 0, false, false, [4]);
        buffer.Sample(new Pcg64(1), batch, importanceExponent: 1);
        AssertWeights(b => 1 / Math.Pow(2, Math.Min((int)b, 2) / 2.0));
        Assert.That(batch.Ids.ToArray().Distinct().Count(), Is.EqualTo(4));

        void AssertWeights(Func<byte, double> expected)
        {
            for (int i = 0; i < batch.Size; i++)
                Assert.That(batch.Weights[i], Is.EqualTo(expected(batch.Observations[i])).Within(1e-6));
        }
    }

    [Test]
    public void UniformBuffersWeighAllAlikeAndHaveNoPriorities()
    {
        var buffer = new ReplayBuffer(10, 1, 1);
        buffer.Begin([0]);
        buffer.Add(0, 0, false, false, [0]);
        var batch = new TransitionBatch(3, 1);
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(buffer.IsPrioritized, Is.False);
        Assert.That(batch.Weights.ToArray(), Is.All.EqualTo(1));
        buffer.UpdatePriorities([0], [1]);
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(batch.Weights.ToArray(), Is.All.EqualTo(1), "errors change nothing");
        Assert.That(() => buffer.UpdatePriorities([0], [1, 2]), Throws.ArgumentException);
    }

    [Test]
    public void BadInputIsNamed()
    {
        var buffer = new PrioritizedReplayBuffer(10, 1, 1, options: new PrioritizedReplayOptions());
        buffer.Begin([0]);
        buffer.Add(0, 0, false, false, [0]);
        var batch = new TransitionBatch(1, 1);
        Assert.Multiple(() =>
        {
            Assert.That(() => buffer.UpdatePriorities([0], [1, 2]), Throws.ArgumentException);
            Assert.That(() => buffer.UpdatePriorities([0], [float.NaN]), Throws.ArgumentException);
            Assert.That(() => buffer.UpdatePriorities([0], [float.PositiveInfinity]), Throws.ArgumentException);
            Assert.That(() => buffer.UpdatePriorities([-1, 1, 1000], [1, 1, 1]), Throws.Nothing);
            Assert.That(
                () => buffer.Sample(new Pcg64(1), batch, importanceExponent: 1.1),
                Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(
                () => new PrioritizedReplayBuffer(1L << 30, 1, 1, options: new PrioritizedReplayOptions()),
                Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Options with { PriorityExponent = 1.1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Options with { ImportanceExponent = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Options with { PriorityOffset = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void NothingIsAllocatedInSteadyState()
    {
        var buffer = new PrioritizedReplayBuffer(new ReplayBuffer(100, 1, Stack, 1, 0, 16), Options);
        new RandomEpisodes(buffer, null, new Pcg64(7), 5).Play(300);
        var batch = new TransitionBatch(32, Stack);
        var errors = new float[32];
        var random = new Pcg64(8);
        byte[] observation = [0, 0];
        void Work()
        {
            buffer.Begin(observation);
            buffer.Add(1, 1, false, true, observation);
            buffer.Sample(random, batch, 3, 0.9);
            buffer.UpdatePriorities(batch.Ids, errors);
        }

        Work();
        Assert.That(Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
                Work();
        }), Is.Zero);
    }
}
