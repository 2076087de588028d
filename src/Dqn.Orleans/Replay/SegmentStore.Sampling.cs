using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <content>From draws to the message.</content>
internal sealed partial class SegmentStore
{
    private Drawn[] _drawn = [];

    /// <summary>Draws transitions, with replacement; none where there are none.</summary>
    /// <exception cref="ArgumentException">A draw is not within 0 … 1, or the steps or the discount are out of range.</exception>
    public SampledTransitions Sample(SampleRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request);
        int count = Count == 0 ? 0 : request.Draws.Length, frames = 0;
        if (_drawn.Length < count)
            _drawn = new Drawn[count];
        for (int i = 0; i < count; i++)
        {
            _drawn[i] = Draw(request, request.Draws[i]);
            frames = checked(frames + SampledTransitions.FrameCount(_drawn[i].Stacked, _drawn[i].Return.Steps, _format.StackedFrames));
        }

        var sampled = new SampledTransitions
        {
            Totals = Totals,
            Ids = new long[count],
            Likelihoods = new double[count],
            Actions = new int[count],
            Rewards = new float[count],
            Discounts = new float[count],
            Terminated = new bool[count],
            Steps = new int[count],
            StackedFrames = new int[count],
            LegalActions = new byte[2 * count * _format.MaskBytes],
            Frames = GC.AllocateUninitializedArray<byte>(checked(frames * _format.FrameBytes)),
        };
        Span<byte> rest = sampled.Frames;
        for (int i = 0; i < count; i++)
            Write(_drawn[i], sampled, i, ref rest);
        Array.Clear(_drawn, 0, count); // It would keep evicted segments.
        return sampled;
    }

    private Drawn Draw(SampleRequest request, double draw)
    {
        int slot = _likelihoods.Find(draw * _likelihoods.Total);
        long oldest = _segments.OldestId, behind = (slot - oldest) % Capacity;
        long id = oldest + (behind < 0 ? behind + Capacity : behind);
        TransitionSegment segment = _segments.Find(id, out int place);
        return new Drawn(
            segment, place, id, segment.StackedFrames(place, _format.StackedFrames),
            segment.ReadReturn(place, request.Steps, request.Discount));
    }

    private void Write(in Drawn drawn, SampledTransitions sampled, int i, ref Span<byte> frames)
    {
        (TransitionSegment segment, int place, NStepReturn result) = (drawn.Segment, drawn.Place, drawn.Return);
        sampled.Ids[i] = drawn.Id;
        sampled.Likelihoods[i] = _likelihoods[Slot(drawn.Id)];
        sampled.Actions[i] = segment.Actions[place];
        sampled.Rewards[i] = result.Reward;
        sampled.Discounts[i] = result.Discount;
        sampled.Terminated[i] = result.Terminated;
        sampled.Steps[i] = result.Steps;
        sampled.StackedFrames[i] = drawn.Stacked;

        int maskBytes = _format.MaskBytes, next = place + result.Steps;
        ReadOnlySpan<byte> masks = segment.LegalActions;
        masks.Slice(place * maskBytes, maskBytes).CopyTo(sampled.LegalActions.AsSpan(2 * i * maskBytes));
        masks.Slice(next * maskBytes, maskBytes).CopyTo(sampled.LegalActions.AsSpan((2 * i + 1) * maskBytes));

        Take(segment, place - drawn.Stacked + 1, drawn.Stacked, ref frames);
        int fresh = Math.Min(
            result.Steps, SampledTransitions.NextStackedFrames(drawn.Stacked, result.Steps, _format.StackedFrames));
        Take(segment, next - fresh + 1, fresh, ref frames);
    }

    private void Take(TransitionSegment segment, int place, int count, ref Span<byte> frames)
    {
        int bytes = _format.FrameBytes;
        segment.Frames.AsSpan(place * bytes, count * bytes).CopyTo(frames);
        frames = frames[(count * bytes)..];
    }

    private void Require(SampleRequest request)
    {
        if (request.Steps < 1 || request.Steps > _format.Steps)
            throw new ArgumentException($"Expected 1 … {_format.Steps} steps, as the segments were written for, got {request.Steps}.");
        if (!(request.Discount is >= 0 and <= 1))
            throw new ArgumentException($"Expected a discount 0 … 1, got {request.Discount}.");
        foreach (double draw in request.Draws)
            if (!(draw is >= 0 and <= 1))
                throw new ArgumentException($"Expected draws 0 … 1, got {draw}.");
    }

    private readonly record struct Drawn(TransitionSegment Segment, int Place, long Id, int Stacked, NStepReturn Return);
}
