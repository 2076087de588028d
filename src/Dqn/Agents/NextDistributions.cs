using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// How the returns of a batch's next states are distributed, by the target network: of the action that is greedy by its
/// own means, with Double DQN by the online network's. <see cref="NextValues"/> for networks that give distributions;
/// nothing is cached, since a state's distributions take more memory than the frame that shows it.
/// </summary>
internal sealed class NextDistributions
{
    private readonly IQNetwork _network;
    private readonly TargetNetwork _target;
    private readonly ValueDistribution _distribution;
    private readonly bool _doubleDqn;
    private readonly float[] _distributions;
    private readonly float[] _selectorValues;
    private readonly float[] _nextDistributions;

    public NextDistributions(
        IQNetwork network, TargetNetwork target, ValueDistribution distribution, DqnOptions options)
    {
        (_network, _target, _distribution, _doubleDqn) = (network, target, distribution, options.DoubleDqn);
        int values = options.BatchSize * network.ActionCount;
        _selectorValues = new float[values];
        _distributions = new float[values * distribution.Atoms];
        _nextDistributions = new float[options.BatchSize * distribution.Atoms];
    }

    /// <summary>
    /// Computes z₁ of each transition, [batch, atoms], valid until the next call; not meaningful where the task
    /// terminated.
    /// </summary>
    /// <param name="batch">With its next observations.</param>
    public ReadOnlySpan<float> Compute(TransitionBatch batch)
    {
        _target.Network.EvaluateDistributions(batch.NextObservations, _distributions);
        if (_doubleDqn)
            _network.Evaluate(batch.NextObservations, _selectorValues);
        else
            DistributionTargets.Expectations(_distribution, _distributions, _selectorValues);
        DistributionTargets.Select(_selectorValues, _distributions, _network.ActionCount, _nextDistributions);
        return _nextDistributions;
    }
}
