using Dqn.Orleans.Replay;
using Dqn.Randomness;
using Dqn.Replay;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Dqn.Tests.Replay;

public class SegmentWriterTests
{
    private static readonly SegmentFormat s_small = new(4, 2, 3, 2);

    [Test]
    public void A_message_of_large_frames_stays_within_half_a_mebibyte_and_comes_back_equal(
        [Values(16, 7056, 84 * 84 * 3, 96 * 96 * 3)] int frameBytes, [Values(1, 4)] int stack, [Values(1, 5)] int steps)
    {
        var random = new Pcg64(1);
        var format = new SegmentFormat(frameBytes, stack, RandomStream.Actions, steps);
        var writer = new SegmentWriter(format, 0.99, prioritized: true, environment: 1_000_000, epoch: long.MaxValue)
        {
            WeightsVersion = long.MaxValue,
        };
        var stream = new RandomStream(format, random, 1000, null, 0, writer)
        {
            Values = () => ((float)random.Uniform(-9, 9), (float)random.Uniform(-9, 9)),
        };
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer<TransitionSegment>>();
        int count = 0;
        while (count < 5)
        {
            stream.Play(1);
            if (!writer.TryTake(out TransitionSegment? segment))
                continue;
            byte[] message = serializer.SerializeToArray(segment);
            Assert.That(message, Has.Length.LessThanOrEqualTo(SegmentFormat.MaxMessageBytes));
            TransitionSegment read = serializer.Deserialize(message)!;
            Assert.Multiple(() =>
            {
                Assert.That(
                    (read.Environment, read.Epoch, read.Number, read.WeightsVersion, read.WindowStart, read.WindowEnd, read.Transitions),
                    Is.EqualTo((1_000_000, long.MaxValue, (long)count, long.MaxValue, segment.WindowStart, segment.WindowEnd,
                        segment.Transitions)));
                Assert.That(read.Frames, Is.EqualTo(segment.Frames));
                Assert.That(read.Flags, Is.EqualTo(segment.Flags));
                Assert.That(read.Actions, Is.EqualTo(segment.Actions));
                Assert.That(read.Rewards, Is.EqualTo(segment.Rewards));
                Assert.That(read.LegalActions, Is.EqualTo(segment.LegalActions));
                Assert.That(read.Priorities, Is.EqualTo(segment.Priorities).And.Length.EqualTo(segment.Transitions));
            });
            count++;
        }
    }

    [Test]
    public void Most_of_a_message_of_Atari_frames_is_transitions_that_can_be_sampled() =>
        Assert.That(new SegmentFormat(84 * 84, 4, 0, 3).WindowPlaces, Is.EqualTo(64));

    [Test]
    public void First_priorities_are_the_errors_of_the_values_that_were_said([Values(1, 3)] int steps, [Values(5, 300)] int meanLength)
    {
        const double Discount = 0.9;
        var random = new Pcg64(8);
        var format = new SegmentFormat(4, 1, 0, steps);
        var writer = new SegmentWriter(format, Discount, prioritized: true);
        float actionValue = 0, stateValue = 0;
        var said = new Dictionary<float, (float Action, float State)>(); // By reward, which no other step has.
        byte[] observation = [0, 0, 0, 0];
        bool open = false;
        var segments = new List<TransitionSegment>();
        for (int i = 0; i < 500; i++)
        {
            if (!open)
                writer.Begin(observation);
            float reward = i + 1;
            (actionValue, stateValue) = ((float)random.Uniform(-300, 300), (float)random.Uniform(-300, 300));
            said[reward] = (actionValue, stateValue);
            int end = random.Integer(2 * meanLength);
            writer.Add(0, reward, end == 0, end == 1, observation, [], actionValue, stateValue);
            open = end > 1;
            if (i == 499)
                writer.Cut();
            while (writer.TryTake(out TransitionSegment? segment))
                segments.Add(segment);
        }

        int checkedPriorities = 0;
        foreach (TransitionSegment segment in segments)
        {
            int next = 0;
            for (int place = segment.WindowStart; place < segment.WindowEnd; place++)
            {
                if (!segment.HasTransition(place))
                    continue;
                NStepReturn result = segment.ReadReturn(place, steps, Discount);

                // At a last frame nothing was chosen: the value before stands in. A window's last frame was valued later.
                int after = place + result.Steps;
                float bootstrap = segment.HasTransition(after) ? said[segment.Rewards[after]].State
                    : IsEnd(segment, after) ? said[segment.Rewards[after - 1]].State
                    : said[segment.Rewards[after - 1] + 1].State;
                double expected = Math.Abs(result.Reward + result.Discount * bootstrap - said[segment.Rewards[place]].Action);
                Assert.That(segment.Priorities[next++], Is.EqualTo(expected).Within(1e-3));
                checkedPriorities++;
            }
        }

        Assert.That(checkedPriorities, Is.EqualTo(500));

        bool IsEnd(TransitionSegment segment, int place) => place < segment.WindowEnd || segment == segments[^1];
    }

    [Test]
    public void Short_episodes_share_a_message()
    {
        var writer = new SegmentWriter(new SegmentFormat(1, 1), 1, prioritized: false);
        for (int i = 0; i < 16; i++)
        {
            writer.Begin([0]);
            writer.Add(0, 0, terminated: false, truncated: false, [1]);
            writer.Add(0, 0, terminated: false, truncated: false, [2]);
            writer.Add(0, 0, terminated: true, truncated: false, [3]);
            Assert.That(writer.TryTake(out TransitionSegment? segment), Is.EqualTo(i == 15));
            if (i == 15)
                Assert.That((segment!.Transitions, segment.Places), Is.EqualTo((48, 64)));
        }
    }

    [Test]
    public void A_cut_leaves_nothing_behind_and_ends_the_episode()
    {
        var writer = new SegmentWriter(new SegmentFormat(1, 1), 1, prioritized: false);
        writer.Cut();
        writer.Begin([0]);
        writer.Cut();
        Assert.That(writer.TryTake(out _), Is.False, "nothing had been added");
        writer.Begin([1]);
        writer.Add(7, 3, terminated: false, truncated: false, [2]);
        writer.Cut();
        writer.Cut();
        Assert.That(writer.TryTake(out TransitionSegment? segment));
        Assert.That((segment!.Transitions, segment.Frames), Is.EqualTo((1, new byte[] { 1, 2 })));
        Assert.That(segment.ReadReturn(0, 1, 0.5), Is.EqualTo(new NStepReturn(1, 3, 0.5f, false)));
        Assert.That(writer.TryTake(out _), Is.False);
        Assert.That(() => writer.Add(0, 0, false, false, [3]), Throws.InvalidOperationException);
    }

    [Test]
    public void Wrong_arguments_are_refused_as_by_a_buffer_and_change_nothing()
    {
        var writer = new SegmentWriter(s_small, 1, prioritized: true);
        byte[] first = [1, 2, 3, 4, 1, 2, 3, 4], next = [1, 2, 3, 4, 5, 6, 7, 8];
        bool[] mask = [true, false, true];
        Assert.Multiple(() =>
        {
            Assert.That(() => writer.Begin([1, 2, 3, 4], mask), Throws.ArgumentException.With.Message.Contains("8 bytes, got 4"));
            Assert.That(() => writer.Begin(next, mask), Throws.ArgumentException.With.Message.Contains("first frame 2 times"));
            Assert.That(() => writer.Begin(first, [true]), Throws.ArgumentException.With.Message.Contains("mask of 1"));
            Assert.That(() => writer.Begin(first, new bool[3]), Throws.ArgumentException.With.Message.Contains("got none"));
        });
        writer.Begin(first, mask);
        Assert.Multiple(() =>
        {
            Assert.That(() => writer.Add(-1, 0, false, false, next, mask), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => writer.Add(1, 0, false, false, next, mask), Throws.ArgumentException.With.Message.Contains("legal"));
            Assert.That(() => writer.Add(3, 0, false, false, next, mask), Throws.ArgumentException.With.Message.Contains("legal"));
            Assert.That(() => writer.Add(0, float.NaN, false, false, next, mask), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(
                () => writer.Add(0, 0, false, false, next, mask, float.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => writer.Add(0, 0, false, false, next, []), Throws.ArgumentException);
            Assert.That(() => writer.Add(0, 0, false, false, [1], mask), Throws.ArgumentException);
        });
        writer.Add(0, 1, terminated: true, truncated: false, next, []);
        writer.Cut();
        Assert.That(writer.TryTake(out TransitionSegment? segment));
        Assert.That((segment!.Transitions, segment.Places), Is.EqualTo((1, 2)));
    }
}
