using Dqn.Replay;
using Dqn.Values;

namespace Dqn.Agents;

/// <summary>
/// What a batch's next states are worth: what the target network says of the action that is greedy by its own values,
/// with Double DQN by the online network's; with Munchausen it is a soft value.
/// <para>
/// Only what is needed is rebuilt and evaluated: nothing for transitions that terminated, and by the target network
/// nothing that the <see cref="TargetValueCache"/> has. That changes no bit of the results, provided that the network
/// <see cref="IValueFunction.IsBatchInvariant"/>. Others evaluate whole batches (<see cref="IsCached"/>): those that are not,
/// those that move a little all the time, and those whose observations are augmented. So do those that give distributions,
/// since the distributions of one state take more memory than the frame that shows it.
/// </para>
/// </summary>
internal sealed class NextValues
{
    private readonly IValueFunction _network;
    private readonly TargetNetwork _target;
    private readonly ReplayBuffer? _replay;
    private readonly ValueDistribution _head;
    private readonly bool _doubleDqn;
    private readonly MunchausenOptions? _munchausen;
    private readonly TargetValueCache? _cache;
    private int _cachedGeneration, _cachedVersion;

    // The items to be valued in an order in which those that the target network has to evaluate come first, so that
    // they are one batch; then, in that order, their numbers.
    private readonly int[] _order;
    private readonly float[] _distributions;
    private readonly float[] _selectorValues;
    private readonly float[] _ordered;
    private readonly bool[] _legalActions;

    private readonly float[] _next;

    /// <summary>Makes the cache, if there can be one.</summary>
    /// <param name="network">The online network.</param>
    /// <param name="target">Its target network.</param>
    /// <param name="replay">What batches are drawn from.</param>
    /// <param name="options">The batch size, and which values are meant.</param>
    /// <param name="cached">Whether a next state is the same observation each time.</param>
    public NextValues(
        IValueFunction network, TargetNetwork target, IReplaySource replay, DqnOptions options, bool cached)
    {
        int batch = options.BatchSize, actions = network.ActionCount;
        (_network, _target, _replay, _head) = (network, target, replay.Local, network.Distribution);
        (_doubleDqn, _munchausen) = (options.DoubleDqn, options.Munchausen);
        _cache = cached && _replay is not null && KeepsValues(network, options)
            ? new TargetValueCache(_replay.Capacity, actions)
            : null;
        _order = new int[batch];
        _distributions = new float[batch * actions * _head.Atoms];
        _selectorValues = new float[batch * actions];
        _ordered = new float[batch * _head.Atoms];
        _next = new float[batch * _head.Atoms];
        _legalActions = new bool[batch * replay.MaskedActions];
    }

    /// <summary>Whether an agent of these keeps values, which take memory.</summary>
    public static bool KeepsValues(IValueFunction network, DqnOptions options) =>
        options.CacheTargetValues && network.IsBatchInvariant && options.TargetUpdateRate == 1
        && network is { Distribution.Atoms: 1 } and not IUpdatingNetwork
        && options is { RandomShift: 0, MirrorActions.IsEmpty: true };

    /// <summary>
    /// Whether values are kept: then batches come without their next observations, and those needed are rebuilt here.
    /// </summary>
    public bool IsCached => _cache is not null;

    /// <summary>How many next states the target network has evaluated.</summary>
    public long Evaluated { get; private set; }

    /// <summary>
    /// Computes z₁ of each transition, [batch, atoms], valid until the next call; not meaningful where the task
    /// terminated.
    /// </summary>
    /// <param name="batch">
    /// Drawn from the buffer just now. If <see cref="IsCached"/>, those next observations that are needed are written
    /// to it, in no order that would mean something to the caller; else it has them all.
    /// </param>
    public ReadOnlySpan<float> Compute(TransitionBatch batch)
    {
        try
        {
            return ComputeAll(batch);
        }
        catch
        {
            _cache?.Invalidate(); // Places are claimed for values that will not come.
            throw;
        }
    }

    private ReadOnlySpan<float> ComputeAll(TransitionBatch batch)
    {
        int count = Order(batch, out int missing), rebuilt = _doubleDqn ? count : missing;
        if (count == 0)
            return _next;

        int actions = _network.ActionCount, atoms = _head.Atoms, length = actions * atoms, bytes = batch.ObservationBytes;
        Span<byte> observations = batch.NextObservations[..(rebuilt * bytes)];
        if (IsCached)
            _replay!.ReadNextObservations(batch, _order, rebuilt);

        Span<float> distributions = _distributions.AsSpan(0, count * length);
        EvaluateTarget(observations[..(missing * bytes)], distributions[..(missing * length)]);
        Recall(batch.NextIds, missing, distributions);

        Span<float> next = _ordered.AsSpan(0, count * atoms);
        ReadOnlySpan<bool> legalActions = Legal(batch, count);
        Span<float> selectorValues = _selectorValues.AsSpan(0, count * actions);
        if (_munchausen is not null && _head is SingleValue)
        {
            Munchausen.SoftValues(distributions, (float)_munchausen.Temperature, next, legalActions);
        }
        else if (_munchausen is not null)
        {
            _head.Expectations(distributions, selectorValues);
            Munchausen.SoftDistributions(
                selectorValues, distributions, actions, (float)_munchausen.Temperature, next, legalActions);
        }
        else
        {
            if (_doubleDqn)
                _network.Evaluate(observations, selectorValues);
            else
                _head.Expectations(distributions, selectorValues);
            TemporalDifference.Select(selectorValues, distributions, actions, next, legalActions);
        }

        for (int i = 0; i < count; i++)
            next.Slice(i * atoms, atoms).CopyTo(_next.AsSpan(_order[i] * atoms));
        return _next;
    }

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

        if (_cachedGeneration != _replay!.Generation || _cachedVersion != _target.Version)
            _cache.Invalidate();
        (_cachedGeneration, _cachedVersion) = (_replay.Generation, _target.Version);
        int count = missing = 0;
        for (int i = 0; i < batch.Size; i++)
        {
            if (batch.Terminated[i])
            {
                _next[i] = 0;
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

    /// <summary>Which actions are legal at the next states, in the items' order; empty where all are.</summary>
    private ReadOnlySpan<bool> Legal(TransitionBatch batch, int count)
    {
        int masked = batch.MaskedActions;
        for (int i = 0; masked > 0 && i < count; i++)
            batch.NextLegalActions.Slice(_order[i] * masked, masked).CopyTo(_legalActions.AsSpan(i * masked));
        return _legalActions.AsSpan(0, count * masked);
    }

    private void EvaluateTarget(ReadOnlySpan<byte> observations, Span<float> distributions)
    {
        if (observations.IsEmpty)
            return;
        _target.Network.EvaluateDistributions(observations, distributions);
        Evaluated += observations.Length / _target.Network.ObservationBytes;
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
