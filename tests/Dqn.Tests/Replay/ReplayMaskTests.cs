using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

/// <summary>Masks of legal actions come back beside the observations that they belong to.</summary>
public sealed class ReplayMaskTests
{
    [Test]
    public void A_mask_is_packed_and_unpacked([Values(1, 7, 8, 9, 64, 65)] int actions)
    {
        var random = new Pcg64((ulong)actions);
        for (int round = 0; round < 20; round++)
        {
            bool[] mask = [.. Enumerable.Range(0, actions).Select(_ => random.Integer(2) == 1)], back = new bool[actions];
            byte[] bits = [.. Enumerable.Repeat((byte)255, LegalActionBits.Bytes(actions))];
            LegalActionBits.Pack(mask, bits);
            LegalActionBits.Unpack(bits, back);
            Assert.That(back, Is.EqualTo(mask));
        }
    }

    [Test]
    public void Every_sample_has_the_masks_of_both_observations(
        [Values] bool prioritized, [Values(1, 3)] int lanes, [Values(1, 9)] int actions, [Values(1, 3)] int steps)
    {
        IReplay replay = Make(prioritized, lanes, actions);
        Play(replay, lanes, actions, 300);
        var batch = new TransitionBatch(64, 2, actions);
        var random = new Pcg64(1);
        for (int round = 0; round < 20; round++)
        {
            replay.Sample(random, batch, steps, 0.9);
            for (int i = 0; i < batch.Size; i++)
            {
                Assert.That(
                    batch.LegalActions.Slice(i * actions, actions).ToArray(),
                    Is.EqualTo(MaskOf(batch.Observations[2 * i + 1], actions)));
                if (!batch.Terminated[i])
                {
                    Assert.That(
                        batch.NextLegalActions.Slice(i * actions, actions).ToArray(),
                        Is.EqualTo(MaskOf(batch.NextObservations[2 * i + 1], actions)));
                }
            }
        }
    }

    [Test]
    public void Masks_are_saved_and_loaded([Values] bool prioritized)
    {
        IReplay replay = Make(prioritized, 2, 9), copy = Make(prioritized, 2, 9);
        Play(replay, 2, 9, 200);
        var state = new MemoryStream();
        replay.SaveState(new BinaryWriter(state));
        state.Position = 0;
        copy.LoadState(new BinaryReader(state));
        for (int i = 0; i < replay.SegmentCount; i++)
        {
            if (replay.SegmentVersion(i) == 0)
                continue;
            var segment = new MemoryStream();
            replay.WriteSegment(i, segment);
            segment.Position = 0;
            copy.ReadSegment(i, segment);
            Assert.That(segment.Position, Is.EqualTo(segment.Length));
        }

        TransitionBatch expected = new(128, 2, 9), actual = new(128, 2, 9);
        replay.Sample(new Pcg64(1), expected);
        copy.Sample(new Pcg64(1), actual);
        Assert.That(actual.LegalActions.SequenceEqual(expected.LegalActions));
        Assert.That(actual.NextLegalActions.SequenceEqual(expected.NextLegalActions));

        state.Position = 0;
        Assert.That(
            () => Make(prioritized, 2, 8).LoadState(new BinaryReader(state)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("expected 8 as masked actions, got 9"));
        state.Position = 0;
        Assert.That(
            () => Make(prioritized, 2, 0).LoadState(new BinaryReader(state)), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void A_segment_whose_actions_were_illegal_is_refused()
    {
        ReplayBuffer buffer = new(20, 1, 1, 1, 3, 64), copy = new(20, 1, 1, 1, 3, 64);
        buffer.Begin([0], 0, [true, false, true]);
        buffer.Add(2, 0, false, false, [1], 0, [true, true, true]);
        var state = new MemoryStream();
        buffer.SaveState(new BinaryWriter(state));
        state.Position = 0;
        copy.LoadState(new BinaryReader(state));
        var segment = new MemoryStream();
        buffer.WriteSegment(0, segment);
        byte[] bytes = segment.ToArray();
        bytes[^2] = 0b011; // The first frame's mask.
        Assert.That(
            () => copy.ReadSegment(0, new MemoryStream(bytes)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("legal action at frame 0"));
        Assert.That(copy.Count, Is.Zero);
    }

    [Test]
    public void Masks_that_do_not_fit_are_refused()
    {
        ReplayBuffer masked = new(20, 1, 1, maskedActions: 3), plain = new(20, 1, 1);
        Assert.Multiple(() =>
        {
            Assert.That(() => masked.Begin([0]), Throws.ArgumentException.With.Message.Contains("which of 3 actions"));
            Assert.That(() => masked.Begin([0], 0, [true]), Throws.ArgumentException);
            Assert.That(
                () => masked.Begin([0], 0, [false, false, false]),
                Throws.ArgumentException.With.Message.Contains("at least one legal action"));
            Assert.That(() => plain.Begin([0], 0, [true]), Throws.ArgumentException.With.Message.Contains("keeps none"));
        });
        masked.Begin([0], 0, [true, false, true]);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => masked.Add(1, 0, false, false, [1], 0, [true, true, true]),
                Throws.ArgumentException.With.Message.Contains("legal when it was taken, got 1"));
            Assert.That(() => masked.Add(0, 0, false, true, [1]), Throws.ArgumentException, "truncated: it has a future");
            Assert.That(() => masked.Add(0, 0, false, false, [1], 0, new bool[3]), Throws.ArgumentException);
            Assert.That(masked.Count, Is.Zero, "nothing has changed");
        });
        masked.Add(0, 0, true, false, [1]);
        Assert.That(() => masked.Sample(new Pcg64(1), new TransitionBatch(4, 1)), Throws.ArgumentException);
        var batch = new TransitionBatch(4, 1, 3);
        masked.Sample(new Pcg64(1), batch);
        Assert.That(batch.NextLegalActions.Contains(true), Is.False, "the task has ended");
    }

    [Test]
    public void Memory_counts_them()
    {
        ReplayBuffer plain = new(100, 10, 1, 1, 0, 128), masked = new(100, 10, 1, 1, 9, 128);
        plain.Begin(new byte[10]);
        masked.Begin(new byte[10], 0, MaskOf(1, 9));
        Assert.That(masked.AllocatedBytes - plain.AllocatedBytes, Is.EqualTo(2 * 101));
    }

    private static IReplay Make(bool prioritized, int lanes, int actions)
    {
        var buffer = new ReplayBuffer(40 * lanes, 1, 2, lanes, actions, 8);
        return prioritized ? new PrioritizedReplayBuffer(buffer, null) : buffer;
    }

    // A frame's one byte decides its mask, so that a sample can be checked by itself.
    private static bool[] MaskOf(int frame, int actions) =>
        [.. Enumerable.Range(0, actions).Select(action => action == frame % actions || (frame * 7 >> action & 1) == 1)];

    private static void Play(IReplay replay, int lanes, int actions, int steps)
    {
        var random = new Pcg64(9);
        int[] frames = new int[lanes];
        bool[] running = new bool[lanes];
        for (int step = 0; step < steps; step++)
        {
            int lane = random.Integer(lanes);
            if (!running[lane])
            {
                frames[lane] = random.Integer(256);
                replay.Begin([(byte)frames[lane], (byte)frames[lane]], lane, MaskOf(frames[lane], actions));
            }

            int next = random.Integer(256), end = random.Integer(10);
            replay.Add(
                frames[lane] % actions, 1, end == 0, end == 1, [(byte)frames[lane], (byte)next], lane,
                end == 0 ? [] : MaskOf(next, actions));
            (frames[lane], running[lane]) = (next, end > 1);
        }
    }
}
