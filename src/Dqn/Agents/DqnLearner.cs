using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// The learning half of a <see cref="DqnAgent"/>: from a sampled batch to an optimizer step, as the options say.
/// </summary>
internal sealed class DqnLearner : IDisposable
{
    private readonly IQNetwork _network;
    private readonly IQNetwork? _evaluated;
    private readonly ReplayBuffer _replay;
    private readonly DqnOptions _options;
    private readonly Pcg64 _sampling;
    private readonly TargetNetwork _target;
    private readonly Augmentation? _augmentation;

    // One of the two, as the network says.
    private readonly NextValues? _nextValues;
    private readonly NextDistributions? _nextDistributions;

    // One batch's worth of everything, made once.
    private readonly TransitionBatch _batch;
    private readonly float[] _targets;
    private readonly float[] _tdErrors;
    private readonly float[] _actionValues;

    /// <summary>Makes the target network, and the average if there is to be one; both are clones.</summary>
    public DqnLearner(
        IQNetwork network, ReplayBuffer replay, EnvironmentSpec spec, DqnOptions options, Pcg64 sampling)
    {
        (_network, _replay, _options, _sampling) = (network, replay, options, sampling);
        _augmentation = Augmentation.Create(spec, options);
        int batch = options.BatchSize;
        _batch = new TransitionBatch(batch, spec.ObservationBytes);
        _targets = new float[batch * (network.Distribution?.Atoms ?? 1)];
        _tdErrors = new float[batch];
        _actionValues = new float[LearnsFromTakenAction(options) ? batch * network.ActionCount : 0];
        _target = new TargetNetwork(network, options.TargetUpdateRate);
        if (network.Distribution is { } distribution)
            _nextDistributions = new NextDistributions(network, _target, distribution, options);
        else
            _nextValues = new NextValues(network, _target, replay, options, cached: _augmentation is null);
        _evaluated = (options, network.Distribution) switch
        {
            ({ EvaluationRisk: < 1 }, QuantileDistribution quantiles) =>
                network.Clone(quantiles with { RiskLevel = options.EvaluationRisk }),
            ({ EvaluationAverage: > 0 }, _) => network.Clone(),
            _ => null,
        };
    }

    /// <summary>How many updates have been made.</summary>
    public long Updates { get; private set; }

    /// <summary>How many next states the target network has valued one by one.</summary>
    public long TargetEvaluations => _nextValues?.Evaluated ?? 0;

    /// <summary>What follows the network, for next states' values.</summary>
    public TargetNetwork Target => _target;

    /// <summary>
    /// The average of the network over the updates, or what values actions otherwise; the network where neither is wanted.
    /// </summary>
    public IQNetwork EvaluationNetwork => _evaluated ?? _network;

    /// <summary>One update.</summary>
    /// <param name="steps">Agent steps done, for what follows a schedule.</param>
    /// <exception cref="InvalidOperationException">Nothing is remembered yet.</exception>
    public LearnResult Learn(long steps)
    {
        Sample(steps);
        _network.ResampleNoise();
        _target.Network.ResampleNoise();
        if (_options.LearningRate is { } learningRate)
            _network.LearningRate = learningRate.At(steps);
        FitResult fit = Fit(_options.Prioritized is null ? [] : _batch.Weights);
        if (_options.Prioritized is not null)
            _replay.UpdatePriorities(_batch.Ids, _tdErrors);
        Updates++;

        // The mean of all parameters so far until there are enough for the exponential one. Without an average, a copy.
        _evaluated?.MoveParametersTowards(_network, Math.Max((float)(1 - _options.EvaluationAverage), 1f / Updates));

        float error = 0;
        foreach (float tdError in _tdErrors)
            error += MathF.Abs(tdError);
        return new LearnResult(fit.Loss, fit.MeanValue, error / _tdErrors.Length, fit.GradientNorm);
    }

    /// <summary>Writes the networks, the optimizer, how many updates there were, and the random stream.</summary>
    public void SaveState(BinaryWriter writer)
    {
        writer.Write(Updates);
        _sampling.SaveState(writer);
        _network.SaveState(writer);
        _target.SaveState(writer);
        _evaluated?.SaveState(writer);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The state is damaged or of another learner.</exception>
    public void LoadState(BinaryReader reader)
    {
        long updates = reader.ReadInt64();
        if (updates < 0)
            throw new InvalidDataException($"Agent state: expected at least 0 updates, got {updates}.");
        _sampling.LoadState(reader);
        _network.LoadState(reader);
        _target.LoadState(reader);
        _evaluated?.LoadState(reader);
        Updates = updates;
    }

    /// <summary>Disposes the target network and the average.</summary>
    public void Dispose()
    {
        _target.Dispose();
        _evaluated?.Dispose();
    }

    private void Sample(long steps)
    {
        // What is cached needs no next observation; NextValues then rebuilds the others.
        double? importance = _options.ImportanceExponentAt(steps);
        if (_nextValues is { IsCached: true })
            _replay.SampleWithoutNext(_sampling, _batch, _options.NStep, _options.Discount, importance);
        else
            _replay.Sample(_sampling, _batch, _options.NStep, _options.Discount, importance);
        _augmentation?.Apply(_batch, _sampling);
    }

    private static bool LearnsFromTakenAction(DqnOptions options) =>
        options.Munchausen is not null || options.AdvantageLearning > 0;

    // What the action taken loses to the one that the target network prefers.
    private void AddToRewards()
    {
        _target.Network.Evaluate(_batch.Observations, _actionValues);
        ReadOnlySpan<int> actions = _batch.Actions;
        Span<float> rewards = _batch.Rewards;
        if (_options.Munchausen is { } munchausen)
            Munchausen.AddLogPolicy(_actionValues, actions, munchausen, rewards);
        else
            AdvantageLearning.AddAdvantages(_actionValues, actions, (float)_options.AdvantageLearning, rewards);
    }

    private FitResult Fit(ReadOnlySpan<float> weights)
    {
        if (LearnsFromTakenAction(_options))
            AddToRewards();
        if (_nextDistributions is not null)
        {
            ReadOnlySpan<float> nextDistributions = _nextDistributions.Compute(_batch);
            DistributionTargets.Targets(
                _network.Distribution!, _batch.Rewards, _batch.Discounts, nextDistributions, _targets);
            return _network.FitDistributions(_batch.Observations, _batch.Actions, _targets, weights, _tdErrors);
        }

        ReadOnlySpan<float> nextValues = _nextValues!.Compute(_batch);
        TemporalDifference.Targets(_batch.Rewards, _batch.Discounts, nextValues, _targets);
        return _network.Fit(_batch.Observations, _batch.Actions, _targets, weights, _tdErrors);
    }
}
