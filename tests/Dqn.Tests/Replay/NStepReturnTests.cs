using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

public sealed class NStepReturnTests
{
    [Test]
    public void EverySampleEqualsTheNaiveTwins(
        [Values(1, 2, 3, 10)] int steps, [Values(1, 3)] int lanes, [Values(6, 60)] int share,
        [Values(1, 4, 20)] int meanLength)
    {
        const int FrameBytes = 5, Stack = 3;
        const double Discount = 0.9;
        var buffer = new ReplayBuffer(share * lanes, FrameBytes, Stack, lanes, 0, 8);
        var twins = Enumerable.Range(0, lanes).Select(_ => new NaiveReplay(share)).ToArray();
        var episodes = twins.Select((twin, lane) =>
            new RandomEpisodes(buffer, twin, new Pcg64((ulong)(lane + steps)), meanLength, lane)).ToArray();
        var batch = new TransitionBatch(64, FrameBytes * Stack);
        var random = new Pcg64(1);
        var taken = new HashSet<int>();
        for (int round = 0; round < 60; round++)
        {
            int lane = random.Integer(lanes);
            episodes[lane].Play(1 + random.Integer(share + 2));
            if (buffer.Count == 0)
                continue;
            buffer.Sample(random, batch, steps, Discount);
            for (int i = 0; i < batch.Size; i++)
            {
                long id = batch.Ids[i];
                var expected = twins[id % lanes].Return(id / lanes, steps, Discount);
                batch.AssertEqual(i, expected.Transition, 1e-6f);
                Assert.That(batch.Discounts[i], Is.EqualTo(expected.Discount).Within(1e-6));
                Assert.That(batch.NextIds[i], Is.EqualTo(id + expected.Steps * lanes));
                taken.Add(expected.Steps);
            }
        }

        Assert.That(taken, meanLength > 1 ? Is.EquivalentTo(Enumerable.Range(1, Math.Min(steps, share))) : Is.Not.Empty);
    }

    [Test]
    public void ByHand()
    {
        // γ = ½, three steps. Frames 0 1 2 3 end by termination, 10 11 12 by truncation, 20 21 go on.
        var buffer = new ReplayBuffer(20, 1, 1);
        buffer.Begin([0]);
        buffer.Add(0, 1, false, false, [1]);
        buffer.Add(0, 2, false, false, [2]);
        buffer.Add(0, 4, true, false, [3]);
        buffer.Begin([10]);
        buffer.Add(0, 8, false, false, [11]);
        buffer.Add(0, 16, false, true, [12]);
        buffer.Begin([20]);
        buffer.Add(0, 32, false, false, [21]);
        var expected = new Dictionary<byte, (float Reward, float Discount, bool Terminated, byte Next)>
        {
            [0] = (1 + 1 + 1, 0, true, 3),
            [1] = (2 + 2, 0, true, 3),
            [2] = (4, 0, true, 3),
            [10] = (8 + 8, 0.25f, false, 12), // The frame after the truncation is bootstrapped from, two steps on.
            [11] = (16, 0.5f, false, 12),
            [20] = (32, 0.5f, false, 21), // So is the newest one, one step on.
        };
        var batch = new TransitionBatch(200, 1);
        buffer.Sample(new Pcg64(1), batch, 3, 0.5);
        Assert.That(batch.Observations.ToArray().Distinct(), Is.EquivalentTo(expected.Keys));
        for (int i = 0; i < batch.Size; i++)
        {
            Assert.That(
                (batch.Rewards[i], batch.Discounts[i], batch.Terminated[i], batch.NextObservations[i]),
                Is.EqualTo(expected[batch.Observations[i]]));
        }

        // As the episode goes on, the transition's return takes in what came.
        buffer.Add(0, 64, false, false, [22]);
        buffer.Sample(new Pcg64(1), batch, 3, 0.5);
        int first = batch.Observations.IndexOf((byte)20);
        Assert.That((batch.Rewards[first], batch.Discounts[first], batch.NextObservations[first]),
            Is.EqualTo((32f + 32f, 0.25f, (byte)22)));
    }

    [Test]
    public void OneStepIsTheRewardToTheLastBit()
    {
        var buffer = new ReplayBuffer(10, 1, 1);
        float[] rewards = [-0f, 0.1f, float.MaxValue, float.Epsilon, -1.7f];
        buffer.Begin([0]);
        foreach (float reward in rewards)
            buffer.Add(0, reward, reward == -1.7f, false, [0]);
        var batch = new TransitionBatch(100, 1);
        buffer.Sample(new Pcg64(1), batch, 1, 0.99);
        for (int i = 0; i < batch.Size; i++)
        {
            int id = (int)batch.Ids[i];
            Assert.That(
                BitConverter.SingleToInt32Bits(batch.Rewards[i]),
                Is.EqualTo(BitConverter.SingleToInt32Bits(rewards[id])));
            Assert.That(batch.Discounts[i], Is.EqualTo(id == 4 ? 0 : 0.99f));
        }
    }

    [Test]
    public void BadStepsAndDiscountsAreNamed()
    {
        var buffer = new ReplayBuffer(10, 1, 1);
        buffer.Begin([0]);
        buffer.Add(0, 0, false, false, [0]);
        var batch = new TransitionBatch(1, 1);
        var random = new Pcg64(1);
        Assert.That(() => buffer.Sample(random, batch, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        foreach (double discount in new[] { -0.1, 1.1, double.NaN })
            Assert.That(() => buffer.Sample(random, batch, 1, discount), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
