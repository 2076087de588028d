using Dqn.Networks;
using Dqn.Replay;
using Dqn.Values;

namespace Dqn.Agents;

/// <summary>
/// Updates in the processor's memory, for any network: the target network values next states, the network's head makes
/// targets of them, the network fits those.
/// </summary>
internal sealed class HostUpdater : IUpdater
{
    private readonly IQNetwork _network;
    private readonly TargetNetwork _target;
    private readonly DqnOptions _options;
    private readonly bool _weighted;
    private readonly ValueDistribution _head;
    private readonly NextValues _nextValues;

    // One batch's worth of everything, made once.
    private readonly float[] _targets;
    private readonly float[] _tdErrors;
    private readonly float[] _actionValues;

    /// <summary>Makes room for batches.</summary>
    /// <param name="network">The online network.</param>
    /// <param name="target">Its target network.</param>
    /// <param name="replay">What batches are sampled from.</param>
    /// <param name="options">The learning rules.</param>
    /// <param name="augmented">Whether a stored observation is another one each time.</param>
    public HostUpdater(
        IQNetwork network, TargetNetwork target, IReplaySource replay, DqnOptions options, bool augmented)
    {
        (_network, _target, _options, _head) = (network, target, options, network.Distribution);
        _weighted = replay.IsPrioritized;
        int batch = options.BatchSize;
        _targets = new float[batch * _head.Atoms];
        _tdErrors = new float[batch];
        _actionValues = new float[LearnsFromTakenAction ? batch * network.ActionCount : 0];
        _nextValues = new NextValues(network, _target, replay, options, cached: !augmented);
    }

    /// <summary>How many next states the target network has valued one by one.</summary>
    public long TargetEvaluations => _nextValues.Evaluated;

    /// <inheritdoc/>
    /// <remarks>What is cached needs no next observation; <see cref="NextValues"/> then rebuilds the others.</remarks>
    public BatchObservations Observations =>
        _nextValues.IsCached ? BatchObservations.Current : BatchObservations.Both;

    /// <inheritdoc/>
    /// <remarks>Always null: updates return what they found.</remarks>
    public LearnResult? Unreported
    {
        get => null;
        set { }
    }

    /// <inheritdoc/>
    public LearnResult Update(TransitionBatch batch, Augmentation? augmentation, Span<float> tdErrors)
    {
        if (LearnsFromTakenAction)
            AddToRewards(batch);
        FitResult fit = Fit(batch, _weighted ? batch.Weights : []);
        if (!tdErrors.IsEmpty)
            _tdErrors.CopyTo(tdErrors);
        return LearnResult.Of(fit, _tdErrors);
    }

    /// <summary>Does nothing: the networks are the agent's.</summary>
    public void Dispose()
    {
    }

    private bool LearnsFromTakenAction => _options.Munchausen is not null || _options.AdvantageLearning > 0;

    // What the action taken loses to the one that the target network prefers.
    private void AddToRewards(TransitionBatch batch)
    {
        _target.Network.Evaluate(batch.Observations, _actionValues);
        ReadOnlySpan<int> actions = batch.Actions;
        Span<float> rewards = batch.Rewards;
        if (_options.Munchausen is { } munchausen)
            Munchausen.AddLogPolicy(_actionValues, actions, munchausen, rewards, batch.LegalActions);
        else
            AdvantageLearning.AddAdvantages(
                _actionValues, actions, (float)_options.AdvantageLearning, rewards, batch.LegalActions);
    }

    private FitResult Fit(TransitionBatch batch, ReadOnlySpan<float> weights)
    {
        _head.Targets(batch.Rewards, batch.Discounts, _nextValues.Compute(batch), _targets);
        return _network.Fit(batch.Observations, batch.Actions, _targets, weights, _tdErrors);
    }
}
