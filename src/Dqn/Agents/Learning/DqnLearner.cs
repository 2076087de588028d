using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Threading;

namespace Dqn.Agents;

/// <summary>
/// The learning half of a <see cref="DqnAgent"/>, for experience that others make: counts their steps, samples, lets an
/// <see cref="IUpdater"/> make the optimizer step, and does what follows from it, as the options say. For each step that
/// has been made somewhere <see cref="CountStep"/>, then <see cref="LearnIfDue"/>. Source: V. Mnih et al., "Human-level
/// control through deep reinforcement learning" (2015); apart from acting, D. Horgan et al., "Distributed prioritized
/// experience replay" (2018).
/// <para>
/// Not safe for concurrent use: a call while another thread's has not returned throws
/// <see cref="InvalidOperationException"/>.
/// </para>
/// </summary>
public sealed class DqnLearner : ILearner
{
    private readonly IQNetwork _network;
    private readonly IQNetwork? _evaluated;
    private readonly IReplaySource _replay;
    private readonly Pcg64 _sampling;
    private readonly TargetNetwork _target;
    private readonly Augmentation? _augmentation;

    private readonly IUpdater _updater;
    private readonly TransitionBatch _batch;
    private readonly float[] _tdErrors; // Empty unless sampling depends on them.
    private SingleCaller _caller;

    // The target network is to follow, after what is learnt from the step counted last.
    private bool _followDue;

    /// <summary>Makes a learner. The target network, and the average if there is to be one, are clones of the network.</summary>
    /// <param name="network">The network that learns; the learner owns it and disposes it.</param>
    /// <param name="replay">What it learns from, made for such observations, prioritized if the options are.</param>
    /// <param name="spec">The environment's observations and actions.</param>
    /// <param name="options">How to learn.</param>
    /// <param name="seed">Of the stream that sampling draws from.</param>
    /// <exception cref="ArgumentException">
    /// Network or replay are not for such observations or actions, or options contradict each other or would be ignored.
    /// </exception>
    public DqnLearner(IQNetwork network, IReplaySource replay, EnvironmentSpec spec, DqnOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(replay);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        OptionsMatch.Require(network, spec, options);
        ReplayMatch.Require(replay, spec, options);
        (_network, _replay, Options, _sampling) = (network, replay, options, new Pcg64(seed));
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

    /// <summary>How it learns.</summary>
    public DqnOptions Options { get; }

    /// <inheritdoc/>
    public IQNetwork Network => _network;

    /// <summary>
    /// The network to be evaluated and kept: with <see cref="DqnOptions.EvaluationAverage"/> the average of
    /// <see cref="Network"/> over the updates; with <see cref="DqnOptions.EvaluationRisk"/> one that shuns risks; else
    /// <see cref="Network"/> itself.
    /// </summary>
    public IQNetwork EvaluationNetwork => _evaluated ?? _network;

    /// <inheritdoc/>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public long Updates { get; private set; }

    /// <inheritdoc/>
    public double Epsilon
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Options.Environments; i++)
                sum += Options.Epsilon.At(Steps, i, Options.Environments);
            return sum / Options.Environments;
        }
    }

    /// <summary>
    /// Whether the options want <see cref="Learn"/> after the step counted last: the warm-up is over and an
    /// <see cref="DqnOptions.UpdatePeriod"/> full. True until the next step is counted.
    /// </summary>
    public bool IsUpdateDue => Steps > Options.WarmupSteps && Steps % Options.UpdatePeriod == 0;

    /// <summary>How many next states the target network has valued one by one.</summary>
    internal long TargetEvaluations => _updater is HostUpdater host ? host.TargetEvaluations : 0;

    long ILearner.WarmupSteps => Options.WarmupSteps;

    double ILearner.RewardScale => Options.RewardScale;

    IReplayState? ILearner.Memory => _replay as IReplayState;

    /// <summary>
    /// Counts a step. Where it makes it due that the target network follows (<see cref="DqnOptions.TargetUpdatePeriod"/>),
    /// that happens before the next one is counted or the state saved, so after what is learnt in between.
    /// </summary>
    public void CountStep()
    {
        using SingleCaller.Visit visit = Enter();
        FollowIfDue();
        Steps++;
        _followDue = Steps % Options.TargetUpdatePeriod == 0;
    }

    /// <summary>
    /// <see cref="Learn"/>, <see cref="DqnOptions.UpdatesPerPeriod"/> times, where <see cref="IsUpdateDue"/>; then the target
    /// network follows where that is due.
    /// </summary>
    /// <returns>What was learnt, or null where no update was due.</returns>
    /// <exception cref="TrainingDivergedException">An update found numbers that are not finite.</exception>
    public LearnResult? LearnIfDue()
    {
        using SingleCaller.Visit visit = Enter();
        LearnResult? learnt = null;
        if (IsUpdateDue)
        {
            learnt = Learn();
            for (int i = 2; i <= Options.UpdatesPerPeriod; i++)
                learnt = learnt.Value.With(Learn(), i);
        }

        FollowIfDue();
        return learnt;
    }

    /// <summary>
    /// Makes the target network equal to the online one, and what is evaluated: to be done after loading other parameters
    /// into <see cref="Network"/>. An average begins anew there.
    /// </summary>
    public void SynchronizeTarget()
    {
        using SingleCaller.Visit visit = Enter();
        _followDue = false;
        _target.Synchronize();
        _evaluated?.MoveParametersTowards(_network, 1);
    }

    /// <summary>
    /// One update: samples a batch, computes its targets, fits the network towards them. Without prioritized replay a
    /// network on a GPU may return what the update before found (<see cref="IUpdater.Update"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing is remembered yet.</exception>
    /// <exception cref="TrainingDivergedException">The update found numbers that are not finite.</exception>
    public LearnResult Learn()
    {
        using SingleCaller.Visit visit = Enter();
        Sample();
        _network.ResampleNoise();
        _target.Network.ResampleNoise();
        if (Options.LearningRate is { } learningRate)
            _network.LearningRate = learningRate.At(Steps);
        LearnResult result = _updater.Update(_batch, _augmentation, _tdErrors);
        Updates++;
        Finite.Require(result, Steps);
        if (_replay.IsPrioritized)
            _replay.UpdatePriorities(_batch.Ids, _tdErrors);

        // The mean of all parameters so far until there are enough for the exponential one. Without an average, a copy.
        _evaluated?.MoveParametersTowards(_network, Math.Max((float)(1 - Options.EvaluationAverage), 1f / Updates));
        if (Options.Resets?.IsDue(Updates) == true)
            Reset(Options.Resets);
        return result;
    }

    /// <inheritdoc/>
    public JsonObject Describe() => OptionsMatch.Describe(Options);

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Enter();
        FollowIfDue();
        writer.Write(Steps);
        SaveUpdates(writer);
        (_replay as IReplayState)?.SaveState(writer);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using SingleCaller.Visit visit = Enter();
        LoadUpdates(reader, reader.ReadInt64());
        (_replay as IReplayState)?.LoadState(reader);
    }

    /// <summary>
    /// Writes the networks, the optimizer, how many updates there were, the random stream, and a result still owed: all but
    /// the steps.
    /// </summary>
    internal void SaveUpdates(BinaryWriter writer)
    {
        FollowIfDue();
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

    /// <summary>Reads what <see cref="SaveUpdates"/> wrote after so many steps.</summary>
    /// <exception cref="InvalidDataException">The state is damaged or of another learner.</exception>
    internal void LoadUpdates(BinaryReader reader, long steps)
    {
        long updates = reader.ReadInt64();
        if (updates < 0 || steps < 0)
        {
            throw new InvalidDataException(
                $"Agent state: expected at least 0 steps and updates, got {steps} steps and {updates} updates.");
        }

        _sampling.LoadState(reader);
        _network.LoadState(reader);
        _target.LoadState(reader);
        _evaluated?.LoadState(reader);
        _updater.Unreported = reader.ReadBoolean()
            ? new LearnResult(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), NullIfNaN(reader.ReadSingle()))
            : null;
        (Steps, Updates, _followDue) = (steps, updates, false);
    }

    /// <summary>Disposes the networks.</summary>
    public void Dispose()
    {
        _network.Dispose();
        _updater.Dispose();
        _target.Dispose();
        _evaluated?.Dispose();
    }

    private void Reset(ResetOptions resets)
    {
        ((IResettable)_network).ShrinkAndPerturb(resets.Keep, resets.KeepHead, _sampling.NextUInt64());
        _target.Synchronize();
        _evaluated?.MoveParametersTowards(_network, 1);
    }

    private static float? NullIfNaN(float value) => float.IsNaN(value) ? null : value;

    private SingleCaller.Visit Enter() => _caller.Enter(nameof(DqnLearner), "For many threads, make a learner for each.");

    private void FollowIfDue()
    {
        if (!_followDue)
            return;
        _followDue = false;
        _target.Update();
    }

    private void Sample()
    {
        double? importance = Options.ImportanceExponentAt(Steps);
        BatchObservations observations = _updater.Observations;
        (int nStep, double discount) = Options.HorizonAt(Updates);
        _replay.Sample(_sampling, _batch, nStep, discount, importance, observations);
        if (_augmentation is null)
            return;
        _augmentation.Draw(_sampling);
        _augmentation.ApplyToActions(_batch);
        if (observations == BatchObservations.Both)
            _augmentation.ApplyToObservations(_batch);
    }
}
