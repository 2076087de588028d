using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// Updates in the processor's memory, for any network: the target network values next states, the rules of
/// <see cref="TemporalDifference"/> or <see cref="DistributionTargets"/> make targets, the network fits them.
/// </summary>
internal sealed class HostUpdater : IUpdater
{
    private readonly IQNetwork _network;
    private readonly TargetNetwork _target;
    private readonly DqnOptions _options;

    // One of the two, as the network says.
    private readonly NextValues? _nextValues;
    private readonly NextDistributions? _nextDistributions;

    // One batch's worth of everything, made once.
    private readonly float[] _targets;
    private readonly float[] _tdErrors;
    private readonly float[] _actionValues;

    /// <summary>Makes room for batches.</summary>
    /// <param name="network">The online network.</param>
    /// <param name="target">Its target network.</param>
    /// <param name="replay">The buffer that batches are sampled from.</param>
    /// <param name="options">The learning rules.</param>
    /// <param name="augmented">Whether a stored observation is another one each time.</param>
    public HostUpdater(
        IQNetwork network, TargetNetwork target, ReplayBuffer replay, DqnOptions options, bool augmented)
    {
        (_network, _target, _options) = (network, target, options);
        int batch = options.BatchSize;
        _targets = new float[batch * (network.Distribution?.Atoms ?? 1)];
        _tdErrors = new float[batch];
        _actionValues = new float[LearnsFromTakenAction ? batch * network.ActionCount : 0];
        if (network.Distribution is { } distribution)
            _nextDistributions = new NextDistributions(network, _target, distribution, options);
        else
            _nextValues = new NextValues(network, _target, replay, options, cached: !augmented);
    }

    /// <summary>How many next states the target network has valued one by one.</summary>
    public long TargetEvaluations => _nextValues?.Evaluated ?? 0;

    /// <inheritdoc/>
    /// <remarks>What is cached needs no next observation; <see cref="NextValues"/> then rebuilds the others.</remarks>
    public BatchObservations Observations =>
        _nextValues is { IsCached: true } ? BatchObservations.Current : BatchObservations.Both;

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
        FitResult fit = Fit(batch, _options.Prioritized is null ? [] : batch.Weights);
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
            Munchausen.AddLogPolicy(_actionValues, actions, munchausen, rewards);
        else
            AdvantageLearning.AddAdvantages(_actionValues, actions, (float)_options.AdvantageLearning, rewards);
    }

    private FitResult Fit(TransitionBatch batch, ReadOnlySpan<float> weights)
    {
        if (_nextDistributions is not null)
        {
            ReadOnlySpan<float> nextDistributions = _nextDistributions.Compute(batch);
            DistributionTargets.Targets(
                _network.Distribution!, batch.Rewards, batch.Discounts, nextDistributions, _targets);
            return _network.FitDistributions(batch.Observations, batch.Actions, _targets, weights, _tdErrors);
        }

        ReadOnlySpan<float> nextValues = _nextValues!.Compute(batch);
        TemporalDifference.Targets(batch.Rewards, batch.Discounts, nextValues, _targets);
        return _network.Fit(batch.Observations, batch.Actions, _targets, weights, _tdErrors);
    }
}
