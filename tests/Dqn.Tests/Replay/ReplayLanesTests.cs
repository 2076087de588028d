using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

public sealed class ReplayLanesTests
{
    private const int FrameBytes = 5;

    [Test]
    public void EverySampleEqualsThatOfATwinPerLane(
        [Values(2, 3, 8)] int lanes, [Values(1, 7, 100)] int capacity, [Values(1, 4)] int stack,
        [Values(1, 8)] int segmentPlaces)
    {
        var buffer = new ReplayBuffer(capacity, FrameBytes, stack, lanes, 0, segmentPlaces);
        int share = (capacity + lanes - 1) / lanes;
        Assert.That((buffer.Lanes, buffer.Capacity), Is.EqualTo((lanes, (long)share * lanes)));
        var twins = Enumerable.Range(0, lanes).Select(_ => new NaiveReplay(share)).ToArray();
        var episodes = twins.Select(
            (twin, lane) => new RandomEpisodes(buffer, twin, new Pcg64((ulong)lane), 1 + 3 * lane, lane)).ToArray();
        var batch = new TransitionBatch(64, FrameBytes * stack);
        var random = new Pcg64(1);
        for (int round = 0; round < 100; round++)
        {
            // Lanes move on at their own pace; the last one only now and then.
            int lane = random.Integer(lanes);
            if (lane < lanes - 1 || round % 7 == 0)
                episodes[lane].Play(1 + random.Integer(share + 2));
            Assert.That(buffer.Count, Is.EqualTo(twins.Sum(twin => twin.Transitions.Count)));
            if (buffer.Count == 0)
                continue;
            buffer.Sample(random, batch);
            for (int i = 0; i < batch.Size; i++)
            {
                NaiveReplay twin = twins[batch.Ids[i] % lanes];
                batch.AssertEqual(i, twin.Transitions.Single(t => t.Id == batch.Ids[i] / lanes));
            }
        }
    }

    [Test]
    public void OneLaneMoreChangesNothingWhileItIsEmpty()
    {
        // The draws count the lanes' frames one after the other, so an empty lane beside the first is not seen.
        ReplayBuffer one = new(40, FrameBytes, 2), two = new(80, FrameBytes, 2, lanes: 2);
        new RandomEpisodes(one, null, new Pcg64(1), 5).Play(100);
        new RandomEpisodes(two, null, new Pcg64(1), 5).Play(100);
        TransitionBatch a = new(100, 2 * FrameBytes), b = new(100, 2 * FrameBytes);
        one.Sample(new Pcg64(2), a);
        two.Sample(new Pcg64(2), b);
        Assert.That(b.Ids.ToArray(), Is.EqualTo(a.Ids.ToArray().Select(id => 2 * id)));
        Assert.That(b.Observations.SequenceEqual(a.Observations));
    }

    [Test]
    public void EveryTransitionOfEveryLaneIsAsLikelyAsAnyOther()
    {
        var buffer = new ReplayBuffer(60, 1, 4, 3);
        for (int lane = 0; lane < 3; lane++)
            new RandomEpisodes(buffer, null, new Pcg64(3), 4, lane).Play(7 + 10 * lane);
        var batch = new TransitionBatch(1000, 4);
        var random = new Pcg64(4);
        var counts = new Dictionary<long, int>();
        const int Batches = 200;
        for (int i = 0; i < Batches; i++)
        {
            buffer.Sample(random, batch);
            foreach (long id in batch.Ids)
                counts[id] = counts.GetValueOrDefault(id) + 1;
        }

        Assert.That(counts, Has.Count.EqualTo(buffer.Count));
        double expected = (double)Batches * batch.Size / counts.Count;
        double chiSquare = counts.Values.Sum(c => (c - expected) * (c - expected) / expected);
        double freedom = counts.Count - 1;
        Assert.That(chiSquare, Is.InRange(freedom - 4 * Math.Sqrt(2 * freedom), freedom + 4 * Math.Sqrt(2 * freedom)));
    }

    [Test]
    public void KeptTransitionsNeverAgreeInTheirPlaceOfACache([Values(1, 3, 16)] int lanes)
    {
        // What is remembered about a transition lies at id mod capacity.
        var buffer = new ReplayBuffer(50, 1, 2, lanes);
        var batch = new TransitionBatch(400, 2);
        var episodes = Enumerable.Range(0, lanes)
            .Select(lane => new RandomEpisodes(buffer, null, new Pcg64((ulong)lane), 4, lane)).ToArray();
        var random = new Pcg64(5);
        for (int round = 0; round < 50; round++)
        {
            episodes[random.Integer(lanes)].Play(1 + random.Integer(30));
            buffer.Sample(random, batch);
            long[] ids = [.. batch.Ids.ToArray().Distinct()];
            Assert.That(ids.Select(id => id % buffer.Capacity), Is.Unique);
        }
    }

    [Test]
    public void ALaneKnowsNothingOfTheOthersEpisodes()
    {
        var buffer = new ReplayBuffer(20, 1, 3, 2);
        buffer.Begin([1, 1, 1], 0);
        buffer.Begin([5, 5, 5], 1);
        buffer.Add(0, 0, false, false, [1, 1, 2], 0);
        buffer.Add(1, 1, true, false, [5, 5, 6], 1);
        buffer.Add(2, 0, false, false, [1, 2, 3], 0);
        Assert.That(() => buffer.Add(0, 0, false, false, [5, 6, 7], 1), Throws.InvalidOperationException);
        Assert.That(() => buffer.Add(0, 0, false, false, [5, 6, 7], 2), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.Begin([5, 5, 5], -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ReplayBuffer(20, 1, 3, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        var batch = new TransitionBatch(60, 3);
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(batch.Ids.ToArray().Distinct().Order(), Is.EqualTo(new long[] { 0, 1, 2 }));
        for (int i = 0; i < batch.Size; i++)
        {
            byte[] expected = batch.Ids[i] switch
            {
                0 => [1, 1, 1, 1, 1, 2],
                1 => [5, 5, 5, 5, 5, 6],
                _ => [1, 1, 2, 1, 2, 3],
            };
            Assert.That(batch.Observations.Slice(3 * i, 3).ToArray(), Is.EqualTo(expected[..3]));
            Assert.That(batch.NextObservations.Slice(3 * i, 3).ToArray(), Is.EqualTo(expected[3..]));
        }
    }
}
