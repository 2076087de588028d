using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// Draws batches over all shards as <see cref="PrioritizedReplayBuffer"/> draws over one buffer: the shards' likelihoods lie end
/// to end on a line, which is cut into as many equal pieces as a batch has transitions, and each piece gives one. What a shard
/// fails to give is drawn anew from the others. Used by one task.
/// </summary>
/// <param name="shards">What is drawn from.</param>
/// <param name="format">What answers look like.</param>
/// <param name="options">Batch size and discount.</param>
/// <param name="random">What is drawn from: one number for each transition.</param>
internal sealed class BatchDrawing(ShardSet shards, SegmentFormat format, ShardedReplayOptions options, Pcg64 random)
{
    private readonly List<(ShardLink Link, double Sum)> _line = [];
    private readonly List<(int Slot, int[] Items, Task<SampledTransitions?> Answer)> _asked = [];
    private readonly List<int> _missing = new(options.BatchSize); // The batch's items that have no transition yet.

    /// <summary>Draws a batch; waits where no shard has anything.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<DrawnBatch> DrawAsync(CancellationToken cancellation)
    {
        var batch = new DrawnBatch(options.BatchSize, format);
        _missing.Clear();
        for (int i = 0; i < options.BatchSize; i++)
            _missing.Add(i);
        while (_missing.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            double total = LayLine();
            if (total == 0)
            {
                await shards.WaitUntilFilledAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            Ask(total);
            _missing.Clear();
            foreach ((int slot, int[] items, Task<SampledTransitions?> answer) in _asked)
            {
                if (await answer.ConfigureAwait(false) is { } sampled)
                    batch.Add(slot, sampled, items);
                else
                    _missing.AddRange(items);
            }
        }

        _asked.Clear(); // It would keep the answers' memory.
        return batch;
    }

    /// <summary>Notes which shards have something, and how much.</summary>
    private double LayLine()
    {
        double total = 0;
        _line.Clear();
        foreach (ShardLink link in shards.Links)
        {
            double sum = link.LikelihoodSum;
            if (sum == 0)
                continue;
            _line.Add((link, sum));
            total += sum;
        }

        return total;
    }

    /// <summary>Draws the missing ones and asks the shards for them, all at the same time.</summary>
    private void Ask(double total)
    {
        int count = _missing.Count, next = 0;
        var draws = new double[count];
        for (int i = 0; i < count; i++)
            draws[i] = (i + random.NextDouble()) * (total / count);

        double start = 0;
        _asked.Clear();
        for (int i = 0; i < _line.Count; i++)
        {
            (ShardLink link, double sum) = _line[i];
            int first = next;
            for (bool isLast = i == _line.Count - 1; next < count && (isLast || draws[next] < start + sum); next++)
                draws[next] = Math.Clamp((draws[next] - start) / sum, 0, 1);
            start += sum;
            for (int end; first < next; first = end)
            {
                end = Math.Min(next, first + format.MaxDraws);
                var request = new SampleRequest { Draws = draws[first..end], Steps = format.Steps, Discount = options.Discount };
                _asked.Add((link.Slot, [.. _missing[first..end]], link.SampleAsync(request)));
            }
        }
    }
}
