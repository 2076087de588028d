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
/// <param name="count">How many batches are drawn together: each shard is asked once for its part of all.</param>
/// <param name="random">What is drawn from: one number for each transition.</param>
internal sealed class BatchDrawing(ShardSet shards, SegmentFormat format, ShardedReplayOptions options, int count, Pcg64 random)
{
    private readonly List<Piece> _line = [];
    private readonly List<(int Slot, int[] Items, Task<SampledTransitions?> Answer)> _asked = [];
    private readonly List<int> _missing = new(count * options.BatchSize); // Items that have no transition yet, ascending.

    /// <summary>Draws batches; waits where no shard has anything.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<DrawnBatches> DrawAsync(CancellationToken cancellation)
    {
        var batches = new DrawnBatches(count, options.BatchSize, format);
        _missing.Clear();
        for (int i = 0; i < count * options.BatchSize; i++)
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

            Draw(total);
            Ask();
            _missing.Clear();
            foreach ((int slot, int[] items, Task<SampledTransitions?> answer) in _asked)
            {
                if (await answer.ConfigureAwait(false) is { } sampled)
                    batches.Add(slot, sampled, items);
                else
                    _missing.AddRange(items);
            }

            _missing.Sort();
        }

        _asked.Clear(); // It would keep the answers' memory.
        return batches;
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
            _line.Add(new Piece(link, total, sum));
            total += sum;
        }

        return total;
    }

    /// <summary>Draws what is missing: each batch's over the whole line.</summary>
    private void Draw(double total)
    {
        for (int first = 0, end; first < _missing.Count; first = end)
        {
            int batch = _missing[first] / options.BatchSize, piece = 0;
            end = first;
            while (end < _missing.Count && _missing[end] / options.BatchSize == batch)
                end++;
            for (int i = first; i < end; i++)
            {
                double draw = (i - first + random.NextDouble()) * (total / (end - first));
                while (piece < _line.Count - 1 && draw >= _line[piece + 1].Start)
                    piece++;
                _line[piece].Add(draw, _missing[i]);
            }
        }
    }

    /// <summary>Asks the shards, all at the same time.</summary>
    private void Ask()
    {
        _asked.Clear();
        foreach (Piece piece in _line)
        {
            for (int first = 0, end; first < piece.Draws.Count; first = end)
            {
                end = Math.Min(piece.Draws.Count, first + format.MaxDraws);
                var request = new SampleRequest
                {
                    Draws = [.. piece.Draws[first..end]],
                    Steps = format.Steps,
                    Discount = options.Discount,
                };
                _asked.Add((piece.Link.Slot, [.. piece.Items[first..end]], piece.Link.SampleAsync(request)));
            }
        }
    }

    // A shard's part of the line, and what is drawn from it.
    private sealed class Piece(ShardLink link, double start, double sum)
    {
        public ShardLink Link => link;

        public double Start => start;

        public List<double> Draws { get; } = [];

        public List<int> Items { get; } = [];

        public void Add(double draw, int item)
        {
            Draws.Add(Math.Clamp((draw - start) / sum, 0, 1));
            Items.Add(item);
        }
    }
}
