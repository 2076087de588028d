using Dqn.Orleans.Replay;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

/// <summary>A transition by its content, to be compared.</summary>
internal sealed record Transition(
    string Observation, int Action, float Reward, float Discount, bool Terminated, string NextObservation, string Legal, string NextLegal)
{
    public static Transition Of(TransitionBatch batch, int i)
    {
        int bytes = batch.ObservationBytes, masked = batch.MaskedActions;
        return new Transition(
            Convert.ToHexString(batch.Observations.Slice(i * bytes, bytes)), batch.Actions[i], batch.Rewards[i], batch.Discounts[i],
            batch.Terminated[i], Convert.ToHexString(batch.NextObservations.Slice(i * bytes, bytes)),
            string.Join(',', batch.LegalActions.Slice(i * masked, masked).ToArray()),
            string.Join(',', batch.NextLegalActions.Slice(i * masked, masked).ToArray()));
    }

    /// <summary>All of a buffer's, by number: drawn so often that each comes.</summary>
    public static SortedDictionary<long, Transition> AllOf(IReplay buffer, Pcg64 random, int steps, double discount)
    {
        var batch = new TransitionBatch(checked((int)buffer.Count * 30), buffer.ObservationBytes, buffer.MaskedActions);
        buffer.Sample(random, batch, steps, discount);
        var all = new SortedDictionary<long, Transition>();
        for (int i = 0; i < batch.Size; i++)
            if (!all.ContainsKey(batch.Ids[i]))
                all[batch.Ids[i]] = Of(batch, i);
        Assert.That(all, Has.Count.EqualTo(buffer.Count), "each was drawn");
        return all;
    }

    /// <summary>All of a store's of which all are drawn alike, by number.</summary>
    public static SortedDictionary<long, Transition> AllOf(SegmentStore store, SegmentFormat format, int steps, double discount)
    {
        int count = (int)store.Count;
        SampledTransitions sampled = store.Sample(new SampleRequest
        {
            Draws = [.. Enumerable.Range(0, count).Select(i => (i + 0.5) / count)],
            Steps = steps,
            Discount = discount,
        });
        Assert.That(sampled.Fits(format, count));
        return AllOf(sampled, format);
    }

    public static SortedDictionary<long, Transition> AllOf(SampledTransitions sampled, SegmentFormat format)
    {
        var batch = new TransitionBatch(sampled.Count, format.ObservationBytes, format.MaskedActions);
        var all = new SortedDictionary<long, Transition>();
        for (int i = 0, offset = 0; i < batch.Size; i++)
            offset += sampled.CopyTo(batch, i, i, offset, format, BatchObservations.Both);
        for (int i = 0; i < batch.Size; i++)
            if (!all.ContainsKey(sampled.Ids[i]))
                all[sampled.Ids[i]] = Of(batch, i);
        return all;
    }
}
