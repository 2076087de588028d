using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// Transitions drawn from a shard: the message to the learner, which rebuilds whole observations from it. Frames that s and s′
/// share are sent once: of one step with stacks of four, five frames instead of eight.
/// </summary>
[GenerateSerializer, Immutable, Alias("Dqn.SampledTransitions")]
internal sealed class SampledTransitions
{
    /// <summary>What the shard has to draw from now.</summary>
    [Id(0)]
    public required ShardTotals Totals { get; init; }

    /// <summary>[count]: the shard's numbers of the transitions, below 2⁴⁸, none given twice.</summary>
    [Id(1)]
    public required long[] Ids { get; init; }

    /// <summary>[count]: p^α, or 1 where all are drawn alike.</summary>
    [Id(2)]
    public required double[] Likelihoods { get; init; }

    /// <summary>[count].</summary>
    [Id(3)]
    public required int[] Actions { get; init; }

    /// <summary>[count]: the return over the steps taken.</summary>
    [Id(4)]
    public required float[] Rewards { get; init; }

    /// <summary>[count]: what the value of s′ counts.</summary>
    [Id(5)]
    public required float[] Discounts { get; init; }

    /// <summary>[count].</summary>
    [Id(6)]
    public required bool[] Terminated { get; init; }

    /// <summary>[count]: m, how many steps s′ lies ahead.</summary>
    [Id(7)]
    public required int[] Steps { get; init; }

    /// <summary>[count]: how many different frames s shows: fewer than a stack's just after an episode's start.</summary>
    [Id(8)]
    public required int[] StackedFrames { get; init; }

    /// <summary>[count, 2, mask bytes]: which actions are legal at s, then at s′, <see cref="LegalActionBits"/>.</summary>
    [Id(9)]
    public required byte[] LegalActions { get; init; }

    /// <summary>For each transition, oldest first, the frames of s, then those of s′ that s has not.</summary>
    [Id(10)]
    public required byte[] Frames { get; init; }

    /// <summary>How many transitions there are.</summary>
    public int Count => Ids.Length;

    /// <summary>How many different frames s′ shows.</summary>
    public static int NextStackedFrames(int stackedFrames, int steps, int most) => Math.Min(most, stackedFrames + steps);

    /// <summary>How many frames a transition takes in the message.</summary>
    public static int FrameCount(int stackedFrames, int steps, int most) =>
        stackedFrames + Math.Min(steps, NextStackedFrames(stackedFrames, steps, most));

    /// <summary>Whether it can be an answer to a request for so many transitions of this format.</summary>
    public bool Fits(SegmentFormat format, int requested)
    {
        int count = Count;
        if ((count != 0 && count != requested) || Likelihoods.Length != count || Actions.Length != count || Rewards.Length != count
            || Discounts.Length != count || Terminated.Length != count || Steps.Length != count || StackedFrames.Length != count
            || LegalActions.LongLength != 2L * count * format.MaskBytes)
        {
            return false;
        }

        long frames = 0;
        for (int i = 0; i < count; i++)
        {
            if (StackedFrames[i] < 1 || StackedFrames[i] > format.StackedFrames || Steps[i] < 1 || Steps[i] > format.Steps
                || !(Likelihoods[i] > 0 && double.IsFinite(Likelihoods[i])))
            {
                return false;
            }

            frames += FrameCount(StackedFrames[i], Steps[i], format.StackedFrames);
        }

        return Frames.LongLength == frames * format.FrameBytes;
    }

    /// <summary>Writes everything of a transition but its number and weight into a batch.</summary>
    /// <param name="batch">Destination.</param>
    /// <param name="item">Which of the batch's items it becomes.</param>
    /// <param name="i">Which of these transitions it is.</param>
    /// <param name="offset">Where in <see cref="Frames"/> its own begin.</param>
    /// <param name="format">The frames' and masks' sizes.</param>
    /// <param name="observations">Which observations are wanted.</param>
    /// <returns>How many bytes its frames are.</returns>
    public int CopyTo(TransitionBatch batch, int item, int i, int offset, SegmentFormat format, BatchObservations observations)
    {
        int bytes = format.ObservationBytes, masked = format.MaskedActions, maskBytes = format.MaskBytes, stacked = StackedFrames[i];
        batch.Actions[item] = Actions[i];
        batch.Rewards[item] = Rewards[i];
        batch.Discounts[item] = Discounts[i];
        batch.Terminated[item] = Terminated[i];
        ReadOnlySpan<byte> masks = LegalActions.AsSpan(2 * i * maskBytes, 2 * maskBytes);
        LegalActionBits.Unpack(masks[..maskBytes], batch.LegalActions.Slice(item * masked, masked));
        LegalActionBits.Unpack(masks[maskBytes..], batch.NextLegalActions.Slice(item * masked, masked));

        ReadOnlySpan<byte> shown = Frames.AsSpan(offset, FrameCount(stacked, Steps[i], format.StackedFrames) * format.FrameBytes);
        if (observations != BatchObservations.None)
            Stack(shown[..(stacked * format.FrameBytes)], format.FrameBytes, batch.Observations.Slice(item * bytes, bytes));
        if (observations == BatchObservations.Both)
        {
            int next = NextStackedFrames(stacked, Steps[i], format.StackedFrames);
            Stack(shown[^(next * format.FrameBytes)..], format.FrameBytes, batch.NextObservations.Slice(item * bytes, bytes));
        }

        return shown.Length;
    }

    /// <summary>Writes a stack; its first frame stands for the past that is missing.</summary>
    private static void Stack(ReadOnlySpan<byte> frames, int frameBytes, Span<byte> observation)
    {
        while (observation.Length > frames.Length)
        {
            frames[..frameBytes].CopyTo(observation);
            observation = observation[frameBytes..];
        }

        frames.CopyTo(observation);
    }
}
