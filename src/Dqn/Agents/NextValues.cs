using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// What a batch's next states are worth: owns the target network, whose values they are (with Double DQN the online
/// network selects; with Munchausen they are soft).
/// <para>
/// Only what is needed is rebuilt and evaluated: nothing for transitions that terminated, and by the target network
/// nothing that the <see cref="TargetValueCache"/> has. That changes no bit of the results, provided that the network
/// <see cref="IQNetwork.IsBatchInvariant"/>; one that is not evaluates whole batches. Nothing is cached where the target
/// network moves a little all the time, nor of distributions, which would take a kilobyte each.
/// </para>
/// </summary>
internal sealed class NextValues : IDisposable
{
    private readonly IQNetwork _network;
    private readonly IQNetwork _target;
    private readonly ReplayBuffer _replay;
    private readonly bool _doubleDqn;
    private readonly MunchausenOptions? _munchausen;
    private readonly float _rate;
    private readonly TargetValueCache? _cache;
    private int _cachedGeneration;

    // The items to be valued in an order in which those that the target network has to evaluate come first, so that
    // they are one batch; then, in that order, their numbers.
    private readonly int[] _order;
    private readonly float[] _actionValues;
    private readonly float[] _selectorValues;
    private readonly float[] _orderedValues;

    private readonly float[] _values;

    // Where the network has them: [batch, actions, atoms], and those of the actions selected, [batch, atoms].
    private readonly float[] _distributions;
    private readonly float[] _selected;

    /// <summary>Makes the target network, a clone.</summary>
    /// <param name="network">The online network, the caller's.</param>
    /// <param name="replay">The buffer that batches are drawn from.</param>
    /// <param name="options">The batch size, and which values are meant.</param>
    public NextValues(IQNetwork network, ReplayBuffer replay, DqnOptions options)
    {
        int batch = options.BatchSize, actions = network.ActionCount;
        (_network, _replay, _doubleDqn) = (network, replay, options.DoubleDqn);
        (_munchausen, _rate) = (options.Munchausen, (float)options.TargetUpdateRate);
        _cache = network.IsBatchInvariant && network.Distribution is null && _rate == 1
            ? new TargetValueCache(replay.Capacity, actions)
            : null;
        _order = new int[batch];
        _actionValues = new float[batch * actions];
        _selectorValues = new float[_doubleDqn ? batch * actions : 0];
        _orderedValues = new float[batch];
        _values = new float[batch];
        int atoms = network.Distribution?.Atoms ?? 0;
        _distributions = new float[checked(batch * actions * atoms)];
        _selected = new float[batch * atoms];
        _target = network.Clone();
    }

    /// <summary>How many next states the target network has evaluated.</summary>
    public long Evaluated { get; private set; }

    /// <summary>Makes the target network equal to the online one.</summary>
    public void Synchronize()
    {
        _cache?.Invalidate();
        _target.CopyParametersFrom(_network);
    }

    /// <summary>Moves the target network towards the online one; at a rate of 1 it becomes equal.</summary>
    public void Update()
    {
        if (_rate == 1)
            Synchronize();
        else
            _target.MoveParametersTowards(_network, _rate);
    }

    /// <summary>
    /// Computes q₀ of each transition by the target network, [batch, actions], valid until the next call to anything.
    /// </summary>
    public ReadOnlySpan<float> ComputeActionValues(TransitionBatch batch)
    {
        _target.Evaluate(batch.Observations, _actionValues);
        return _actionValues;
    }

    /// <summary>
    /// Computes v₁ of each transition, [batch], valid until the next call; not meaningful where the task terminated.
    /// </summary>
    /// <param name="batch">
    /// Drawn from the buffer just now. Those next observations that are needed are written to it, in no order that
    /// would mean something to the caller.
    /// </param>
    public ReadOnlySpan<float> Compute(TransitionBatch batch)
    {
        _target.ResampleNoise();
        int count = Order(batch, out int missing), rebuilt = _doubleDqn ? count : missing;
        if (count == 0)
            return _values;

        int actions = _network.ActionCount, bytes = batch.ObservationBytes;
        Span<byte> observations = batch.NextObservations[..(rebuilt * bytes)];
        for (int i = 0; i < rebuilt; i++)
            _replay.ReadObservation(batch.NextIds[_order[i]], observations.Slice(i * bytes, bytes));

        Span<float> actionValues = _actionValues.AsSpan(0, count * actions);
        EvaluateTarget(observations[..(missing * bytes)], actionValues[..(missing * actions)]);
        Recall(batch.NextIds, missing, actionValues);

        Span<float> values = _orderedValues.AsSpan(0, count);
        if (_doubleDqn)
        {
            Span<float> selectorValues = _selectorValues.AsSpan(0, count * actions);
            _network.Evaluate(observations, selectorValues);
            TemporalDifference.DoubleValues(selectorValues, actionValues, values);
        }
        else if (_munchausen is not null)
        {
            Munchausen.SoftValues(actionValues, (float)_munchausen.Temperature, values);
        }
        else
        {
            TemporalDifference.GreedyValues(actionValues, values);
        }

        for (int i = 0; i < count; i++)
            _values[_order[i]] = values[i];
        return _values;
    }

    /// <summary>
    /// Computes z₁ of each transition, the distribution of the next action's return, [batch, atoms], valid until the
    /// next call; not meaningful where the task terminated.
    /// </summary>
    /// <param name="batch">Drawn from the buffer just now. Its next observations are written to it.</param>
    /// <param name="distribution">The network's.</param>
    public ReadOnlySpan<float> ComputeDistributions(TransitionBatch batch, ValueDistribution distribution)
    {
        int bytes = batch.ObservationBytes;
        Span<byte> observations = batch.NextObservations;
        for (int i = 0; i < batch.Size; i++)
            _replay.ReadObservation(batch.NextIds[i], observations.Slice(i * bytes, bytes));

        _target.ResampleNoise();
        _target.EvaluateDistributions(observations, _distributions);
        Evaluated += batch.Size;
        if (_doubleDqn)
            _network.Evaluate(observations, _actionValues);
        else
            DistributionTargets.Expectations(distribution, _distributions, _actionValues);
        DistributionTargets.Select(_actionValues, _distributions, _network.ActionCount, _selected);
        return _selected;
    }

    /// <summary>Writes the target network. What is cached is not: it is computed again to the same bits.</summary>
    public void SaveState(BinaryWriter writer) => _target.SaveState(writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    public void LoadState(BinaryReader reader)
    {
        _cache?.Invalidate();
        _target.LoadState(reader);
    }

    /// <summary>Disposes the target network.</summary>
    public void Dispose() => _target.Dispose();

    /// <summary>
    /// Lists the items that need a value, the <paramref name="missing"/> ones first: those that are not cached, of a
    /// next state drawn twice one.
    /// </summary>
    private int Order(TransitionBatch batch, out int missing)
    {
        if (_cache is null)
        {
            for (int i = 0; i < batch.Size; i++)
                _order[i] = i;
            return missing = batch.Size;
        }

        if (_cachedGeneration != _replay.Generation)
            _cache.Invalidate();
        _cachedGeneration = _replay.Generation;
        int count = missing = 0;
        for (int i = 0; i < batch.Size; i++)
        {
            if (batch.Terminated[i])
            {
                _values[i] = 0;
                continue;
            }

            _order[count++] = i;
            if (_cache.Claim(batch.NextIds[i]))
            {
                (_order[missing], _order[count - 1]) = (i, _order[missing]);
                missing++;
            }
        }

        return count;
    }

    private void EvaluateTarget(ReadOnlySpan<byte> observations, Span<float> actionValues)
    {
        if (observations.IsEmpty)
            return;
        try
        {
            _target.Evaluate(observations, actionValues);
            Evaluated += observations.Length / _target.ObservationBytes;
        }
        catch
        {
            _cache?.Invalidate(); // Places are claimed for values that will not come.
            throw;
        }
    }

    /// <summary>Puts the first items' values into the cache and takes the other items' from it.</summary>
    private void Recall(ReadOnlySpan<long> nextIds, int missing, Span<float> actionValues)
    {
        if (_cache is null)
            return;
        int actions = _network.ActionCount;
        for (int i = 0; i < actionValues.Length / actions; i++)
        {
            Span<float> values = actionValues.Slice(i * actions, actions), cached = _cache.Values(nextIds[_order[i]]);
            if (i < missing)
                values.CopyTo(cached);
            else
                cached.CopyTo(values);
        }
    }
}
