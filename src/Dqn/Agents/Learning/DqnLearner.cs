using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// The learning half of a <see cref="DqnAgent"/>: samples, lets an <see cref="IUpdater"/> make the optimizer step, and does
/// what follows from it, as the options say.
/// </summary>
internal sealed class DqnLearner : IDisposable
{
    private readonly IQNetwork _network;
    private readonly IQNetwork? _evaluated;
    private readonly IReplay _replay;
    private readonly DqnOptions _options;
    private readonly Pcg64 _sampling;
    private readonly TargetNetwork _target;
    private readonly Augmentation? _augmentation;

    private readonly IUpdater _updater;
    private readonly TransitionBatch _batch;
    private readonly float[] _tdErrors; // Empty unless sampling depends on them.

    /// <summary>Makes the target network, and the average if there is to be one; both are clones.</summary>
    public DqnLearner(
        IQNetwork network, IReplay replay, EnvironmentSpec spec, DqnOptions options, Pcg64 sampling)
    {
        (_network, _replay, _options, _sampling) = (network, replay, options, sampling);
        _augmentation = Augmentation.Create(spec, options);
        _batch = new TransitionBatch(options.BatchSize, spec.ObservationBytes, spec.MaskedActions);
        _tdErrors = new float[replay.IsPrioritized ? options.BatchSize : 0];
        _target = new TargetNetwork(network, options.TargetUpdateRate);
        _updater = network is IUpdatingNetwork engine
            ? engine.MakeUpdater(_target.Network, replay, options)
            : new HostUpdater(network, _target, replay, options, augmented: _augmentation is not null);
        _evaluated = (network, options) switch
        {
            (IRiskAware quantiles, { EvaluationRisk: < 1 }) => quantiles.CloneAtRisk(options.EvaluationRisk),
            (_, { EvaluationAverage: > 0 }) => network.Clone(),
            _ => null,
        };
    }

    /// <summary>How many updates have been made.</summary>
    public long Updates { get; private set; }

    /// <summary>How many next states the target network has valued one by one.</summary>
    public long TargetEvaluations => _updater is HostUpdater host ? host.TargetEvaluations : 0;

    /// <summary>What follows the network, for next states' values.</summary>
    public TargetNetwork Target => _target;

    /// <summary>
    /// The average of the network over the updates, or what values actions otherwise; the network where neither is wanted.
    /// </summary>
    public IQNetwork EvaluationNetwork => _evaluated ?? _network;

    /// <summary>Makes the target network equal to the online one, and what is evaluated; an average begins anew there.</summary>
    public void Synchronize()
    {
        _target.Synchronize();
        _evaluated?.MoveParametersTowards(_network, 1);
    }

    /// <summary>One update.</summary>
    /// <param name="steps">Agent steps done, for what follows a schedule.</param>
    /// <exception cref="InvalidOperationException">Nothing is remembered yet.</exception>
    /// <exception cref="TrainingDivergedException">The update found numbers that are not finite.</exception>
    public LearnResult Learn(long steps)
    {
        Sample(steps);
        _network.ResampleNoise();
        _target.Network.ResampleNoise();
        if (_options.LearningRate is { } learningRate)
            _network.LearningRate = learningRate.At(steps);
        LearnResult result = _updater.Update(_batch, _augmentation, _tdErrors);
        Updates++;
        Finite.Require(result, steps);
        if (_replay.IsPrioritized)
            _replay.UpdatePriorities(_batch.Ids, _tdErrors);

        // The mean of all parameters so far until there are enough for the exponential one. Without an average, a copy.
        _evaluated?.MoveParametersTowards(_network, Math.Max((float)(1 - _options.EvaluationAverage), 1f / Updates));
        return result;
    }

    /// <summary>Writes the networks, the optimizer, how many updates there were, the random stream, and a result still owed.</summary>
    public void SaveState(BinaryWriter writer)
    {
        writer.Write(Updates);
        _sampling.SaveState(writer);
        _network.SaveState(writer);
        _target.SaveState(writer);
        _evaluated?.SaveState(writer);
        LearnResult? unreported = _updater.Unreported;
        writer.Write(unreported is not null);
        if (unreported is not var (loss, meanValue, error, gradientNorm))
            return;
        writer.Write(loss);
        writer.Write(meanValue);
        writer.Write(error);
        writer.Write(gradientNorm ?? float.NaN);
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
        _updater.Unreported = reader.ReadBoolean()
            ? new LearnResult(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), NullIfNaN(reader.ReadSingle()))
            : null;
        Updates = updates;
    }

    /// <summary>Disposes the updater, the target network and the average.</summary>
    public void Dispose()
    {
        _updater.Dispose();
        _target.Dispose();
        _evaluated?.Dispose();
    }

    private static float? NullIfNaN(float value) => float.IsNaN(value) ? null : value;

    private void Sample(long steps)
    {
        double? importance = _options.ImportanceExponentAt(steps);
        BatchObservations observations = _updater.Observations;
        _replay.Sample(_sampling, _batch, _options.NStep, _options.Discount, importance, observations);
        if (_augmentation is null)
            return;
        _augmentation.Draw(_sampling);
        _augmentation.ApplyToActions(_batch);
        if (observations == BatchObservations.Both)
            _augmentation.ApplyToObservations(_batch);
    }
}
