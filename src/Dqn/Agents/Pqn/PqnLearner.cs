using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// The learning half of a <see cref="PqnAgent"/>: λ-returns of what the environments did, then epochs of updates towards
/// them in shuffled batches.
/// </summary>
internal sealed class PqnLearner : IDisposable
{
    private readonly IQNetwork _network;
    private readonly IQNetwork? _average;
    private readonly PqnOptions _options;
    private readonly Pcg64 _shuffling;
    private readonly ReplayBuffer _frames;
    private readonly TransitionBatch _batch;
    private readonly int[] _items; // 0, 1, 2, … of a batch.
    private readonly float[] _batchTargets, _batchErrors, _actionValues;

    // Of all transitions, one environment's after the other's.
    private readonly long[] _ids, _nextIds;
    private readonly float[] _values, _rewards, _discounts, _nextValues, _returns;
    private readonly bool[] _cuts;

    // Positions in those: of what has to be valued; then shuffled.
    private readonly int[] _order;

    /// <summary>Makes room; the average is a clone of the network.</summary>
    public PqnLearner(IQNetwork network, ReplayBuffer frames, PqnOptions options, Pcg64 shuffling)
    {
        (_network, _frames, _options, _shuffling) = (network, frames, options, shuffling);
        int transitions = options.RolloutTransitions, batch = options.BatchSize;
        _batch = new TransitionBatch(batch, frames.ObservationBytes, frames.MaskedActions);
        _items = [.. Enumerable.Range(0, batch)];
        (_batchTargets, _batchErrors) = (new float[batch], new float[batch]);
        _actionValues = new float[batch * network.ActionCount];
        (_ids, _nextIds) = (new long[transitions], new long[transitions]);
        (_values, _rewards, _discounts) = (new float[transitions], new float[transitions], new float[transitions]);
        (_nextValues, _returns) = (new float[transitions], new float[transitions]);
        (_cuts, _order) = (new bool[transitions], new int[transitions]);
        _average = options.EvaluationAverage > 0 ? network.Clone() : null;
    }

    /// <summary>How many updates have been made.</summary>
    public long Updates { get; private set; }

    /// <summary>How many observations have been valued for targets, those aside that acting had valued.</summary>
    public long Evaluated { get; private set; }

    /// <summary>The average of the network over the updates; the network where none is wanted.</summary>
    public IQNetwork EvaluationNetwork => _average ?? _network;

    /// <summary>The targets of the last time of learning, one environment's after the other's.</summary>
    public ReadOnlySpan<float> Returns => _returns;

    /// <summary>All epochs' updates from what the environments did.</summary>
    /// <param name="rollouts">What they did, at least one transition.</param>
    /// <param name="steps">Agent steps done, for what follows a schedule.</param>
    /// <returns>The mean of what the updates found.</returns>
    /// <exception cref="TrainingDivergedException">An update found numbers that are not finite.</exception>
    public LearnResult Learn(Rollouts rollouts, long steps)
    {
        int count = rollouts.Count;
        ComputeReturns(rollouts, count);
        if (_options.LearningRate is { } learningRate)
            _network.LearningRate = learningRate.At(steps);
        Order(count);
        LearnResult? mean = null;
        int updates = 0;
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            Shuffle(_order.AsSpan(0, count));
            for (int start = 0; start < count; start += _batch.Size)
            {
                LearnResult result = Update(_order.AsSpan(start, Math.Min(_batch.Size, count - start)));
                Updates++;
                Finite.Require(result, steps);
                updates++;
                mean = mean?.With(result, updates) ?? result;

                // The mean of all parameters so far until there are enough for the exponential one.
                _average?.MoveParametersTowards(
                    _network, Math.Max((float)(1 - _options.EvaluationAverage), 1f / Updates));
            }
        }

        return mean!.Value;
    }

    /// <summary>Makes the average equal to the network.</summary>
    public void SynchronizeAverage() => _average?.CopyParametersFrom(_network);

    /// <summary>Writes the network, the optimizer, the average, how many updates there were and the random stream.</summary>
    public void SaveState(BinaryWriter writer)
    {
        writer.Write(Updates);
        _shuffling.SaveState(writer);
        _network.SaveState(writer);
        _average?.SaveState(writer);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The state is damaged or of another learner.</exception>
    public void LoadState(BinaryReader reader)
    {
        long updates = reader.ReadInt64();
        if (updates < 0)
            throw new InvalidDataException($"Agent state: expected at least 0 updates, got {updates}.");
        _shuffling.LoadState(reader);
        _network.LoadState(reader);
        _average?.LoadState(reader);
        Updates = updates;
    }

    /// <summary>Disposes the average.</summary>
    public void Dispose() => _average?.Dispose();

    private void ComputeReturns(Rollouts rollouts, int count)
    {
        rollouts.Read(_ids.AsSpan(0, count), _values.AsSpan(0, count));
        Order(count);
        for (int start = 0; start < count; start += _batch.Size)
        {
            int size = Rebuild(_order.AsSpan(start, Math.Min(_batch.Size, count - start)), BatchObservations.None);
            _batch.Rewards[..size].CopyTo(_rewards.AsSpan(start));
            _batch.Discounts[..size].CopyTo(_discounts.AsSpan(start));
            _batch.NextIds[..size].CopyTo(_nextIds.AsSpan(start));
        }

        int missing = FindNextValues(count);
        for (int start = 0; start < missing; start += _batch.Size)
            ValueNext(_order.AsSpan(start, Math.Min(_batch.Size, missing - start)));
        LambdaReturns.Compute(
            _rewards.AsSpan(0, count), _discounts.AsSpan(0, count), _nextValues.AsSpan(0, count), _cuts.AsSpan(0, count),
            _options.Lambda, _returns.AsSpan(0, count));
    }

    private void Order(int count)
    {
        for (int i = 0; i < count; i++)
            _order[i] = i;
    }

    /// <summary>
    /// Takes over the values that acting gave to what transitions led to, and lists the transitions that lack one. Between
    /// two episodes, and two environments, the frame that follows is not the next transition's.
    /// </summary>
    private int FindNextValues(int count)
    {
        int missing = 0;
        for (int i = 0; i < count; i++)
        {
            bool goesOn = i + 1 < count && _ids[i + 1] == _nextIds[i];
            _cuts[i] = !goesOn;
            _nextValues[i] = _discounts[i] == 0 ? 0 : goesOn ? _values[i + 1] : float.NaN;
            if (float.IsNaN(_nextValues[i]))
                _order[missing++] = i;
        }

        return missing;
    }

    private void ValueNext(ReadOnlySpan<int> transitions)
    {
        int size = Rebuild(transitions, BatchObservations.None), actions = _network.ActionCount, masked = _batch.MaskedActions;
        _frames.ReadNextObservations(_batch, _items, size);
        Span<float> values = _actionValues.AsSpan(0, size * actions);
        _network.Evaluate(_batch.NextObservations[..(size * _batch.ObservationBytes)], values);
        Evaluated += size;
        ReadOnlySpan<bool> legalActions = _batch.NextLegalActions[..(size * masked)];
        for (int i = 0; i < size; i++)
        {
            ReadOnlySpan<float> own = values.Slice(i * actions, actions);
            _nextValues[transitions[i]] =
                own[TemporalDifference.GreedyAction(own, LegalActions.Of(legalActions, i, actions))];
        }
    }

    private LearnResult Update(ReadOnlySpan<int> transitions)
    {
        int size = Rebuild(transitions, BatchObservations.Current);
        for (int i = 0; i < size; i++)
            _batchTargets[i] = _returns[transitions[i]];
        _network.ResampleNoise();
        Span<float> errors = _batchErrors.AsSpan(0, size);
        FitResult fit = _network.Fit(
            _batch.Observations[..(size * _batch.ObservationBytes)], _batch.Actions[..size], _batchTargets.AsSpan(0, size),
            [], errors);
        return LearnResult.Of(fit, errors);
    }

    // A batch has one size: the last one, if smaller, repeats its last transition, and what follows leaves that out.
    private int Rebuild(ReadOnlySpan<int> transitions, BatchObservations observations)
    {
        for (int i = 0; i < _batch.Size; i++)
            _batch.Ids[i] = _ids[transitions[Math.Min(i, transitions.Length - 1)]];
        _frames.Rebuild(_batch, steps: 1, _options.Discount, observations);
        return transitions.Length;
    }

    /// <summary>R. Fisher, F. Yates (1938), from the end.</summary>
    private void Shuffle(Span<int> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = _shuffling.Integer(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
