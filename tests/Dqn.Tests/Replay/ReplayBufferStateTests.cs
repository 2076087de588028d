using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

public sealed class ReplayBufferStateTests
{
    private const int FrameBytes = 3;

    [Test]
    public void ALoadedBufferGoesOnAsTheSavedOne(
        [Values(0, 1, 5, 40, 41, 200)] int steps, [Values(1, 4)] int stack, [Values(1, 3)] int lanes,
        [Values] bool prioritized)
    {
        PrioritizedReplayOptions? options = prioritized ? new() : null;
        var original = new PrioritizedReplayBuffer(new ReplayBuffer(40 * lanes, FrameBytes, stack, lanes, 0, 8), options);
        Play(original, 1, steps);
        var copy = new PrioritizedReplayBuffer(new ReplayBuffer(40 * lanes, FrameBytes, stack, lanes, 0, 8), options);
        Play(copy, 2, 17); // What it held is to be lost.
        Load(copy, Save(original));

        for (int round = 0; round < 3; round++)
        {
            Assert.That(Samples(copy), Is.EqualTo(Samples(original)));
            Play(original, 3, 13);
            Play(copy, 3, 13);
            for (int i = 0; i < original.SegmentCount; i++)
                Assert.That(copy.SegmentVersion(i), Is.EqualTo(original.SegmentVersion(i)));
        }
    }

    [Test]
    public void ASegmentsVersionChangesExactlyWhenItsContentDoes()
    {
        var buffer = new ReplayBuffer(60, FrameBytes, 2, 1, 0, 8);
        var episodes = new RandomEpisodes(buffer, null, new Pcg64(1), 4);
        byte[][] before = Contents();
        long[] versions = Versions();
        Assert.That(versions, Is.All.Zero);
        for (int round = 0; round < 100; round++)
        {
            episodes.Play(3);
            byte[][] after = Contents();
            long[] now = Versions();
            for (int i = 0; i < buffer.SegmentCount; i++)
                Assert.That(now[i] > versions[i], Is.EqualTo(!after[i].SequenceEqual(before[i])), $"segment {i}");
            Assert.That(now.Zip(versions).Count(v => v.First != v.Second), Is.LessThanOrEqualTo(3));
            (before, versions) = (after, now);
        }

        long[] Versions() => [.. Enumerable.Range(0, buffer.SegmentCount).Select(buffer.SegmentVersion)];
        byte[][] Contents() => [.. Enumerable.Range(0, buffer.SegmentCount).Select(i => Segment(buffer, i))];
    }

    [Test]
    public void SegmentsOfDifferentAgesMakeOneBuffer()
    {
        // A checkpoint keeps what an earlier one wrote of the segments that have not changed.
        var buffer = new ReplayBuffer(60, FrameBytes, 2, 2, 0, 8);
        RandomEpisodes[] episodes = [.. Enumerable.Range(0, 2).Select(
            lane => new RandomEpisodes(buffer, null, new Pcg64((ulong)lane), 4, lane))];
        var kept = new Dictionary<int, (long Version, byte[] Content)>();
        for (int round = 0; round < 20; round++)
        {
            episodes[round % 3 / 2].Play(9);
            for (int i = 0; i < buffer.SegmentCount; i++)
                if (!kept.TryGetValue(i, out var old) || old.Version != buffer.SegmentVersion(i))
                    kept[i] = (buffer.SegmentVersion(i), Segment(buffer, i));
            var loaded = new ReplayBuffer(60, FrameBytes, 2, 2, 0, 8);
            Load(loaded, (State(buffer), [.. Enumerable.Range(0, buffer.SegmentCount).Select(i => kept[i].Content)]));
            Assert.That(Samples(loaded), Is.EqualTo(Samples(buffer)));
        }
    }

    [Test]
    public void BetweenStateAndSegmentsNothingElseIsPossible()
    {
        var buffer = new ReplayBuffer(40, FrameBytes, 1, 1, 0, 8);
        new RandomEpisodes(buffer, null, new Pcg64(1), 5).Play(30);
        var (state, segments) = Save(buffer);
        Assert.That(() => buffer.ReadSegment(0, new MemoryStream(segments[0])), Throws.InvalidOperationException);
        buffer.LoadState(new BinaryReader(new MemoryStream(state)));
        Assert.That(() => buffer.Begin(new byte[3]), Throws.InvalidOperationException);
        Assert.That(() => buffer.Sample(new Pcg64(1), new TransitionBatch(1, 3)), Throws.InvalidOperationException);
        Assert.That(() => buffer.SaveState(new BinaryWriter(new MemoryStream())), Throws.InvalidOperationException);
        Assert.That(() => buffer.ReadSegment(-1, new MemoryStream()), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.SegmentVersion(buffer.SegmentCount), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void AnotherBuffersStateIsRefusedAndNothingChanges()
    {
        var buffer = new ReplayBuffer(40, FrameBytes, 2, 1, 0, 8);
        new RandomEpisodes(buffer, null, new Pcg64(1), 5).Play(30);
        string before = Samples(buffer);
        ReplayBuffer[] others =
        [
            new(41, FrameBytes, 2, 8), new(40, 4, 2, 8), new(40, FrameBytes, 1, 8), new(40, FrameBytes, 2, 16),
        ];
        foreach (IReplay other in others)
            Refuses(State(other));
        byte[] state = State(buffer);
        for (int length = 0; length < state.Length; length++)
            Refuses(state[..length]);
        Assert.That(Samples(buffer), Is.EqualTo(before));

        void Refuses(byte[] data) => Assert.That(
            () => buffer.LoadState(new BinaryReader(new MemoryStream(data))), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void PrioritiesOfAnotherExponentAreRefused()
    {
        var options = new PrioritizedReplayOptions();
        var buffer = new PrioritizedReplayBuffer(new ReplayBuffer(40, FrameBytes, 2, 1, 0, 8), options);
        Play(buffer, 1, 30);
        var other = new PrioritizedReplayBuffer(new ReplayBuffer(40, FrameBytes, 2, 1, 0, 8), options with { PriorityExponent = 0.5 });
        Assert.That(() => Load(other, Save(buffer)), Throws.TypeOf<InvalidDataException>());
        var uniform = new ReplayBuffer(40, FrameBytes, 2, 1, 0, 8);
        Assert.That(() => Load(uniform, Save(buffer)), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void MutatedDataIsRefusedOrHarmless([Values] bool prioritized)
    {
        PrioritizedReplayOptions? options = prioritized ? new() : null;
        var buffer = new PrioritizedReplayBuffer(new ReplayBuffer(80, FrameBytes, 3, 2, 0, 8), options);
        Play(buffer, 1, 100);
        var random = new Pcg64(2);
        int refused = 0;
        for (int i = 0; i < 5000; i++)
        {
            var (state, segments) = Save(buffer);
            byte[] victim = random.Integer(3) == 0 ? state : segments[random.Integer(segments.Length)];
            victim[random.Integer(victim.Length)] = (byte)random.Integer(256);
            var loaded = new PrioritizedReplayBuffer(new ReplayBuffer(80, FrameBytes, 3, 2, 0, 8), options);
            try
            {
                Load(loaded, (state, segments));
                if (loaded.Count > 0)
                    Samples(loaded);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(1000));
    }

    private static void Play(IReplay buffer, ulong seed, int steps)
    {
        for (int lane = 0; lane < buffer.Lanes; lane++)
            new RandomEpisodes(buffer, null, new Pcg64(seed), 5, lane).Play(steps * (lane + 1) / buffer.Lanes);
        if (!buffer.IsPrioritized || buffer.Count == 0)
            return;
        var batch = new TransitionBatch(20, buffer.ObservationBytes);
        buffer.Sample(new Pcg64(seed), batch);
        buffer.UpdatePriorities(batch.Ids, [.. batch.Ids.ToArray().Select(id => 0.3f * (id % 5))]);
    }

    private static (byte[] State, byte[][] Segments) Save(IReplay buffer) =>
        (State(buffer), [.. Enumerable.Range(0, buffer.SegmentCount).Select(i => Segment(buffer, i))]);

    private static byte[] State(IReplay buffer)
    {
        var memory = new MemoryStream();
        buffer.SaveState(new BinaryWriter(memory));
        return memory.ToArray();
    }

    private static byte[] Segment(IReplay buffer, int index)
    {
        var memory = new MemoryStream();
        buffer.WriteSegment(index, memory);
        return memory.ToArray();
    }

    private static void Load(IReplay buffer, (byte[] State, byte[][] Segments) saved)
    {
        buffer.LoadState(new BinaryReader(new MemoryStream(saved.State)));
        for (int i = 0; i < buffer.SegmentCount; i++)
            if (buffer.SegmentVersion(i) != 0)
                buffer.ReadSegment(i, new MemoryStream(saved.Segments[i]));
    }

    /// <summary>All that a large batch shows, as text.</summary>
    private static string Samples(IReplay buffer)
    {
        if (buffer.Count == 0)
            return "empty";
        var batch = new TransitionBatch(200, buffer.ObservationBytes);
        buffer.Sample(new Pcg64(9), batch);
        return $"{buffer.Count} {string.Join(' ', batch.Ids.ToArray())} {string.Join(' ', batch.Actions.ToArray())} " +
            $"{string.Join(' ', batch.Rewards.ToArray())} {string.Join(' ', batch.Terminated.ToArray())} " +
            $"{string.Join(' ', batch.Weights.ToArray())} " +
            $"{Convert.ToHexString(batch.Observations)} {Convert.ToHexString(batch.NextObservations)}";
    }
}
