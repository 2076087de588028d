using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>A batch that has been drawn: the shards' answers, and which of the batch's items their transitions are.</summary>
/// <param name="size">How many transitions it has.</param>
/// <param name="format">What answers look like.</param>
internal sealed class DrawnBatch(int size, SegmentFormat format)
{
    private readonly List<(int Slot, SampledTransitions Sampled, int[] Items)> _parts = [];
    private readonly double[] _likelihoods = new double[size];

    /// <summary>Adds a shard's answer.</summary>
    public void Add(int slot, SampledTransitions sampled, int[] items)
    {
        _parts.Add((slot, sampled, items));
        for (int i = 0; i < items.Length; i++)
            _likelihoods[items[i]] = sampled.Likelihoods[i];
    }

    /// <summary>Writes all of it. Weights are a <see cref="PrioritizedReplayBuffer"/>'s, over the batch's likelihoods.</summary>
    /// <param name="batch">Destination.</param>
    /// <param name="importanceExponent">β.</param>
    /// <param name="observations">Which observations are wanted.</param>
    public void CopyTo(TransitionBatch batch, double importanceExponent, BatchObservations observations)
    {
        foreach ((int slot, SampledTransitions sampled, int[] items) in _parts)
        {
            sampled.CopyTo(batch, items, format, observations);
            for (int i = 0; i < items.Length; i++)
                batch.Ids[items[i]] = TransitionIds.Of(slot, sampled.Ids[i]);
        }

        double least = double.PositiveInfinity;
        foreach (double likelihood in _likelihoods)
            least = Math.Min(least, likelihood);
        for (int i = 0; i < size; i++)
            batch.Weights[i] = (float)Math.Pow(least / _likelihoods[i], importanceExponent);
    }
}
