using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// A group of batches that have been drawn together: the shards' answers, and which of the batches' items their transitions
/// are. Items are numbered through the group: those of batch b begin at b · size. Batches are taken out in order.
/// </summary>
/// <param name="count">How many batches there are.</param>
/// <param name="size">How many transitions each has.</param>
/// <param name="format">What answers look like.</param>
internal sealed class DrawnBatches(int count, int size, SegmentFormat format)
{
    private readonly List<Part> _parts = [];
    private readonly double[] _likelihoods = new double[count * size];
    private int _taken;

    /// <summary>Whether all batches have been taken out.</summary>
    public bool IsEmpty => _taken == count;

    /// <summary>Adds a shard's answer.</summary>
    /// <param name="slot">The shard's.</param>
    /// <param name="sampled">The answer.</param>
    /// <param name="items">Which item each of its transitions is, ascending.</param>
    public void Add(int slot, SampledTransitions sampled, int[] items)
    {
        _parts.Add(new Part(slot, sampled, items));
        for (int i = 0; i < items.Length; i++)
            _likelihoods[items[i]] = sampled.Likelihoods[i];
    }

    /// <summary>
    /// Takes out the next batch. Weights are a <see cref="PrioritizedReplayBuffer"/>'s, over the batch's likelihoods.
    /// </summary>
    /// <param name="batch">Destination.</param>
    /// <param name="importanceExponent">β.</param>
    /// <param name="observations">Which observations are wanted.</param>
    public void Take(TransitionBatch batch, double importanceExponent, BatchObservations observations)
    {
        int first = _taken++ * size;
        foreach (Part part in _parts)
            part.Take(batch, first, size, format, observations);

        ReadOnlySpan<double> likelihoods = _likelihoods.AsSpan(first, size);
        double least = double.PositiveInfinity;
        foreach (double likelihood in likelihoods)
            least = Math.Min(least, likelihood);
        for (int i = 0; i < size; i++)
            batch.Weights[i] = (float)Math.Pow(least / likelihoods[i], importanceExponent);
    }

    // An answer, read in order.
    private sealed class Part(int slot, SampledTransitions sampled, int[] items)
    {
        private int _next, _frameBytes;

        public void Take(TransitionBatch batch, int first, int size, SegmentFormat format, BatchObservations observations)
        {
            for (; _next < items.Length && items[_next] < first + size; _next++)
            {
                int item = items[_next] - first;
                batch.Ids[item] = TransitionIds.Of(slot, sampled.Ids[_next]);
                _frameBytes += sampled.CopyTo(batch, item, _next, _frameBytes, format, observations);
            }
        }
    }
}
