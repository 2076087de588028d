using System.Runtime.InteropServices;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Tests.Threading;
using Dqn.Threading;

namespace Dqn.Tests.Replay;

public sealed class ReplayBufferTests
{
    [Test]
    public void EverySampleEqualsTheNaiveTwins(
        [Values(1, 2, 7, 100)] int capacity, [Values(1, 2, 4)] int stack, [Values(1, 3, 20)] int meanLength,
        [Values(1, 8)] int segmentPlaces)
    {
        const int FrameBytes = 5;
        var buffer = new ReplayBuffer(capacity, FrameBytes, stack, 1, 0, segmentPlaces);
        var twin = new NaiveReplay(capacity);
        var episodes = new RandomEpisodes(buffer, twin, new Pcg64((ulong)(capacity + stack + meanLength)), meanLength);
        var batch = new TransitionBatch(64, FrameBytes * stack);
        var random = new Pcg64(1);
        for (int round = 0; round < 120; round++)
        {
            episodes.Play(1 + round % (capacity + 2));
            Assert.That(buffer.Count, Is.EqualTo(twin.Transitions.Count));
            if (buffer.Count == 0)
                continue;
            var byId = twin.Transitions.ToDictionary(t => t.Id);
            buffer.Sample(random, batch);
            for (int i = 0; i < batch.Size; i++)
            {
                Assert.That(byId, Does.ContainKey(batch.Ids[i]));
                batch.AssertEqual(i, byId[batch.Ids[i]]);
            }
        }
    }

    [Test]
    public void ThreadsThatShareTheCopyingChangeNothing()
    {
        // Large enough frames that it is shared.
        const int FrameBytes = 3000, Stack = 4;
        using WorkerTeam team = new(3, TestPool.ManyThreads);
        var buffer = new ReplayBuffer(200, FrameBytes, Stack);
        new RandomEpisodes(buffer, new NaiveReplay(200), new Pcg64(5), 20).Play(300);
        var alone = new TransitionBatch(64, FrameBytes * Stack);
        var together = new TransitionBatch(64, FrameBytes * Stack);
        buffer.Sample(new Pcg64(6), alone, steps: 3, discount: 0.9);
        buffer.Team = team;
        buffer.Sample(new Pcg64(6), together, steps: 3, discount: 0.9);
        Assert.That(together.Ids.SequenceEqual(alone.Ids) && together.NextIds.SequenceEqual(alone.NextIds));
        Assert.That(together.Rewards.SequenceEqual(alone.Rewards) && together.Actions.SequenceEqual(alone.Actions));
        Assert.That(together.Observations.SequenceEqual(alone.Observations));
        Assert.That(together.NextObservations.SequenceEqual(alone.NextObservations));

        int[] items = [.. Enumerable.Range(0, 64).Reverse()];
        buffer.ReadNextObservations(together, items, 60);
        for (int i = 0; i < 60; i++)
        {
            int bytes = FrameBytes * Stack;
            Assert.That(together.NextObservations.Slice(i * bytes, bytes).SequenceEqual(
                alone.NextObservations.Slice(items[i] * bytes, bytes)));
        }
    }

    [Test]
    public void EveryTransitionIsAsLikelyAsAnyOther()
    {
        var buffer = new ReplayBuffer(50, 1, 4, 1, 0, 16);
        var twin = new NaiveReplay(50);
        new RandomEpisodes(buffer, twin, new Pcg64(3), 4).Play(500);
        var batch = new TransitionBatch(1000, 4);
        var random = new Pcg64(4);
        var counts = twin.Transitions.ToDictionary(t => t.Id, _ => 0);
        const int Batches = 200;
        for (int i = 0; i < Batches; i++)
        {
            buffer.Sample(random, batch);
            foreach (long id in batch.Ids)
                counts[id]++;
        }

        // Chi square with n − 1 degrees of freedom: mean n − 1, standard deviation √(2(n − 1)).
        double expected = (double)Batches * batch.Size / counts.Count;
        double chiSquare = counts.Values.Sum(c => (c - expected) * (c - expected) / expected);
        double freedom = counts.Count - 1;
        Assert.That(chiSquare, Is.InRange(freedom - 4 * Math.Sqrt(2 * freedom), freedom + 4 * Math.Sqrt(2 * freedom)));
    }

    [Test]
    public void SameSeedSameSamples()
    {
        long[] Draw()
        {
            var buffer = new ReplayBuffer(40, 2, 2, 1, 0, 8);
            new RandomEpisodes(buffer, null, new Pcg64(5), 6).Play(200);
            var batch = new TransitionBatch(100, 4);
            buffer.Sample(new Pcg64(6), batch);
            return batch.Ids.ToArray();
        }

        long[] first = Draw(), second = Draw();
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void TheFrameAfterTheEndIsKeptAndStacksBeginAtTheStart()
    {
        var buffer = new ReplayBuffer(10, 1, 3);
        buffer.Begin([1, 1, 1]);
        buffer.Add(2, 0.5f, false, true, [1, 1, 9]); // Cut off: 9 is there to bootstrap from.
        buffer.Begin([7, 7, 7]);
        buffer.Add(1, 1.5f, true, false, [7, 7, 8]);
        var batch = new TransitionBatch(50, 3);
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(buffer.Count, Is.EqualTo(2));
        Assert.That(batch.Ids.ToArray().Distinct().Order(), Is.EqualTo(new long[] { 0, 2 }));
        for (int i = 0; i < batch.Size; i++)
        {
            bool first = batch.Ids[i] == 0;
            byte[] observation = first ? [1, 1, 1] : [7, 7, 7], next = first ? [1, 1, 9] : [7, 7, 8];
            Assert.That(batch.Observations.Slice(3 * i, 3).ToArray(), Is.EqualTo(observation));
            Assert.That(batch.NextObservations.Slice(3 * i, 3).ToArray(), Is.EqualTo(next));
            Assert.That(batch.Actions[i], Is.EqualTo(first ? 2 : 1));
            Assert.That(batch.Rewards[i], Is.EqualTo(first ? 0.5f : 1.5f));
            Assert.That(batch.Terminated[i], Is.EqualTo(!first));
        }
    }

    [Test]
    public void BeginInTheMiddleCutsTheEpisodeAsATruncationDoes()
    {
        var buffer = new ReplayBuffer(10, 1, 2);
        buffer.Begin([1, 1]);
        buffer.Begin([2, 2]); // Nothing was done at 1: it is forgotten.
        buffer.Add(0, 0, false, false, [2, 3]);
        buffer.Begin([4, 4]); // Abandoned: the transition 2 → 3 stays as it is.
        buffer.Add(0, 0, false, false, [4, 5]);
        var batch = new TransitionBatch(40, 2);
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(buffer.Count, Is.EqualTo(2));
        for (int i = 0; i < batch.Size; i++)
        {
            byte[] expected = batch.Ids[i] == 0 ? [2, 2, 2, 3] : [4, 4, 4, 5];
            Assert.That(batch.Observations.Slice(2 * i, 2).ToArray(), Is.EqualTo(expected[..2]));
            Assert.That(batch.NextObservations.Slice(2 * i, 2).ToArray(), Is.EqualTo(expected[2..]));
            Assert.That(batch.Terminated[i], Is.False);
        }
    }

    [Test]
    public void AnUnbrokenEpisodeFillsTheWholeCapacity()
    {
        var buffer = new ReplayBuffer(100, 1, 4, 1, 0, 16);
        buffer.Begin(new byte[4]);
        for (int i = 0; i < 1000; i++)
        {
            buffer.Add(0, 0, false, false, new byte[4]);
            Assert.That(buffer.Count, Is.EqualTo(Math.Min(i + 1, 100)));
        }
    }

    [Test]
    public void FloatFeaturesAreFramesOfFourBytesEach()
    {
        var buffer = new ReplayBuffer(10, 4 * sizeof(float), 1);
        float[] observation = [1, 2, 3, 4], next = [5, 6, -7.5f, 8];
        buffer.Begin(MemoryMarshal.AsBytes<float>(observation));
        buffer.Add(1, 1, true, false, MemoryMarshal.AsBytes<float>(next));
        var batch = new TransitionBatch(1, 4 * sizeof(float));
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(MemoryMarshal.Cast<byte, float>(batch.Observations).ToArray(), Is.EqualTo(observation));
        Assert.That(MemoryMarshal.Cast<byte, float>(batch.NextObservations).ToArray(), Is.EqualTo(next));
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(16)]
    public void ATransitionTakesAtMost7100BytesWhateverTheStack(int stack)
    {
        // Episodes of the CarRacing task: 1,000 frames less 50 no-ops, every fourth observed.
        const int FrameBytes = 84 * 84, EpisodeSteps = 238, Capacity = 10_000;
        var buffer = new ReplayBuffer(Capacity, FrameBytes, stack);
        var observation = new byte[FrameBytes * stack];
        for (int i = 0; i < Capacity + 500; i++)
        {
            if (i % EpisodeSteps == 0)
                buffer.Begin(observation);
            buffer.Add(0, 0, false, i % EpisodeSteps == EpisodeSteps - 1, observation);
        }

        Assert.That(buffer.Count, Is.GreaterThan(Capacity * 0.99));

        // The few places beyond the capacity that a stack needs are the same few whatever the capacity.
        long perPlace = FrameBytes + 9;
        Assert.That(buffer.AllocatedBytes, Is.EqualTo((Capacity + stack) * perPlace));
        Assert.That((double)(buffer.AllocatedBytes - stack * perPlace) / buffer.Count, Is.LessThanOrEqualTo(7100));
    }

    [Test]
    public void MemoryComesAsTheBufferFillsAndMillionsOfFramesArePossible()
    {
        var buffer = new ReplayBuffer(5_000_000_000, 84 * 84, 4);
        Assert.That(buffer.AllocatedBytes, Is.Zero);
        var observation = new byte[4 * 84 * 84];
        buffer.Begin(observation);
        buffer.Add(0, 0, false, false, observation);
        Assert.That(buffer.AllocatedBytes, Is.InRange(1, 16 << 20));
    }

    [Test]
    public void NothingIsAllocatedInSteadyState()
    {
        var buffer = new ReplayBuffer(100, 100, 4, 1, 0, 16);
        new RandomEpisodes(buffer, null, new Pcg64(7), 5).Play(300);
        var batch = new TransitionBatch(32, 400);
        var observation = new byte[400];
        var random = new Pcg64(8);
        void Work()
        {
            buffer.Begin(observation);
            buffer.Add(1, 1, false, true, observation);
            buffer.Sample(random, batch);
        }

        Work();
        Assert.That(Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
                Work();
        }), Is.Zero);
    }

    [Test]
    public void BadInputIsNamed()
    {
        var buffer = new ReplayBuffer(10, 3, 2);
        var batch = new TransitionBatch(2, 6);
        var random = new Pcg64(1);
        Assert.Multiple(() =>
        {
            Assert.That(() => new ReplayBuffer(0, 3, 2), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new ReplayBuffer(10, 0, 2), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new ReplayBuffer(10, 3, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new ReplayBuffer(10, int.MaxValue / 2, 4), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new TransitionBatch(0, 6), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => new TransitionBatch(1 << 20, 1 << 20), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => buffer.Sample(random, batch), Throws.InvalidOperationException);
            Assert.That(() => buffer.Add(0, 0, false, false, new byte[6]), Throws.InvalidOperationException);
            Assert.That(() => buffer.Begin(new byte[5]), Throws.ArgumentException.With.Message.Contains("6 bytes"));
            Assert.That(() => buffer.Begin([1, 2, 3, 1, 2, 4]), Throws.ArgumentException.With.Message.Contains("2 t"));
        });

        buffer.Begin(new byte[6]);
        Assert.Multiple(() =>
        {
            Assert.That(() => Add(-1, 0, 6), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Add(0, float.NaN, 6), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Add(0, 0, 7), Throws.ArgumentException);
        });

        buffer.Add(0, 0, true, false, new byte[6]);
        Assert.That(() => buffer.Add(0, 0, false, false, new byte[6]), Throws.InvalidOperationException);
        Assert.That(() => buffer.Sample(random, new TransitionBatch(2, 5)), Throws.ArgumentException);

        void Add(int action, float reward, int bytes) => buffer.Add(action, reward, false, false, new byte[bytes]);
    }
}
