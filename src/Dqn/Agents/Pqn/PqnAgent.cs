using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Threading;
using Dqn.Values;

namespace Dqn.Agents;

/// <summary>
/// Parallelised Q-learning: many environments act in lockstep for T steps each, then the network learns from all of those
/// steps, several times over in shuffled batches, and forgets them. Targets are λ-returns of the network's own values
/// (<see cref="LambdaReturns"/>): there is no replay and no target network; layer normalisation keeps it stable. It takes
/// more steps than a <see cref="DqnAgent"/> and less work per step, so it suits environments that are fast. Source: M.
/// Gallici et al., "Simplifying deep temporal difference learning" (2024).
/// <para>
/// The environments have a number each, 0 … N − 1: they <see cref="Begin"/> and are recorded one by one and act together.
/// <see cref="RecordAndLearn"/> stores a step and learns after the last of N · T; a loop of one's own takes
/// <see cref="Record"/>, <see cref="IsUpdateDue"/> and <see cref="Learn"/> apart. Each frame is stored once, however many
/// observations show it. Steps allocate nothing once there has been a rollout. Not safe for concurrent use: a call while
/// another thread's has not returned throws <see cref="InvalidOperationException"/>.
/// </para>
/// <para>
/// Random numbers: exploration is <c>Pcg64(seed)</c>, from which one 64-bit word is drawn first to seed the stream that
/// shuffles.
/// </para>
/// </summary>
/// <example><code>
/// var options = new PqnOptions { Environments = 16, Epsilon = new EpsilonSchedule(1, 0.05, 20_000) };
/// using var environments = new VectorEnvironment(16, _ => new CartPoleEnvironment().WithTimeLimit(500));
/// using PqnAgent agent = PqnAgent.Create(environments.Spec, options, seed: 1);
/// agent.Train(environments, steps: 100_000);
/// </code></example>
public sealed class PqnAgent : IAgent
{
    private const int StateMarker = 0x314E5150; // "PQN1"

    private readonly IQNetwork _network;
    private readonly PqnLearner _learner;
    private readonly Rollouts _rollouts;
    private readonly Exploration _exploration;
    private readonly bool _framesAreSingles;
    private readonly int _maskedActions;
    private readonly float[] _actionValues; // [environments, actions]
    private SingleCaller _caller;

    /// <summary>Makes an agent around a network.</summary>
    /// <param name="network">The network that learns; the agent owns it and disposes it.</param>
    /// <param name="spec">The environments' observations and actions.</param>
    /// <param name="options">How to act and learn.</param>
    /// <param name="seed">Of the agent's random streams.</param>
    /// <exception cref="ArgumentException">
    /// The network is not for such observations or actions or gives distributions, options contradict each other or would
    /// be ignored, or a rollout would take more memory than the process may use.
    /// </exception>
    public PqnAgent(IQNetwork network, EnvironmentSpec spec, PqnOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        NetworkMatch.Require(network, spec);
        NetworkMatch.Require(network, options);
        Require(network, options);
        AgentMemory.Require(spec, options, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        Options = options;
        (_framesAreSingles, _maskedActions) = (spec.ElementType == ElementType.Single, spec.MaskedActions);
        var frames = new ReplayBuffer(
            options.Environments * Rollouts.LaneCapacity(options.RolloutSteps), spec.FrameBytes, spec.StackedFrames,
            options.Environments, spec.MaskedActions)
        {
            ActionCount = spec.ActionCount,
            FramesAreSingles = _framesAreSingles,
            Team = new WorkerTeam(network.Options?.Threads ?? 0),
        };
        var random = new Pcg64(seed);
        _network = network;
        _actionValues = new float[options.Environments * spec.ActionCount];
        _rollouts = new Rollouts(frames, options.RolloutSteps);
        _learner = new PqnLearner(network, frames, options, new Pcg64(random.NextUInt64()));
        _exploration = new Exploration(options, spec.ActionCount, random);
    }

    /// <summary>
    /// Makes an agent with a <see cref="QNetwork"/> for the environments, of the architecture that
    /// <see cref="DqnAgent.Create"/> chooses, with what <see cref="PqnOptions.Architecture"/> adds. For another
    /// architecture or engine make the network first and use the constructor.
    /// </summary>
    /// <param name="spec">The environments' observations and actions.</param>
    /// <param name="options">
    /// How to act and learn; <see cref="PqnOptions.Network"/> and <see cref="PqnOptions.Architecture"/> are the
    /// network's.
    /// </param>
    /// <param name="seed">Of the network's parameters and the agent's random streams.</param>
    /// <exception cref="ArgumentException">
    /// The observations are of another kind: the message names the cure, mostly
    /// <see cref="EnvironmentExtensions.WithPixels"/>. Or options contradict each other.
    /// </exception>
    public static PqnAgent Create(EnvironmentSpec spec, PqnOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        Sequential architecture = DefaultArchitecture.For(spec, options.Architecture);
        var random = new Pcg64(seed);
        return new PqnAgent(new QNetwork(architecture, random, options.Network), spec, options, random.NextUInt64());
    }

    /// <summary>How the agent acts and learns.</summary>
    public PqnOptions Options { get; }

    /// <summary>How many environments act.</summary>
    public int Environments => Options.Environments;

    /// <summary>The network that acts and learns.</summary>
    public IQNetwork Network => _network;

    /// <summary>
    /// The network to be evaluated and kept: with <see cref="PqnOptions.EvaluationAverage"/> the average of
    /// <see cref="Network"/> over the updates; else <see cref="Network"/> itself.
    /// </summary>
    public IQNetwork EvaluationNetwork => _learner.EvaluationNetwork;

    /// <summary>How many transitions have been observed.</summary>
    public long Steps { get; private set; }

    /// <summary>How many updates have been made: batches, not times of learning.</summary>
    public long Updates => _learner.Updates;

    /// <summary>The probability of a random action now, the environments' mean.</summary>
    public double Epsilon
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Environments; i++)
                sum += Options.Epsilon.At(Steps, i, Environments);
            return sum / Environments;
        }
    }

    long ILearner.WarmupSteps => 0;

    double ILearner.RewardScale => Options.RewardScale;

    // The rollouts are few, all new with every checkpoint, and saved with the rest.
    IReplayState? ILearner.Memory => null;

    /// <summary>Whether steps wait to be learnt from.</summary>
    internal bool HasSteps => _rollouts.Count > 0;

    /// <summary>The learning half, for tests.</summary>
    internal PqnLearner Learner => _learner;

    /// <summary>Starts an episode; one that is under way is cut off as by truncation.</summary>
    /// <param name="observation">The first observation, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="environment">Whose, 0 … <see cref="PqnOptions.Environments"/> − 1.</param>
    /// <param name="legalActions">
    /// [actions], which are legal here; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The observation has another length, is not a first one, or holds NaN or infinity; the mask has another length, or no
    /// action is legal.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such environment.</exception>
    public void Begin(ReadOnlySpan<byte> observation, int environment = 0, ReadOnlySpan<bool> legalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        RequireFinite(observation);
        LegalActions.Require(legalActions, _maskedActions);
        _rollouts.Begin(observation, environment, legalActions);
        _exploration.Begin(environment);
    }

    /// <summary>
    /// Chooses a legal action for each environment: random with probability ε (<see cref="EpsilonSchedule.Ladder"/>), else
    /// greedy. The network values all observations as one batch; their values also serve as targets' values. Draws for one
    /// environment after the other as <see cref="DqnAgent.Act(ReadOnlySpan{byte}, Span{int}, ReadOnlySpan{bool})"/> does.
    /// </summary>
    /// <param name="observations">
    /// What the environments show now, as it was last begun with or recorded, [<see cref="PqnOptions.Environments"/>,
    /// <see cref="EnvironmentSpec.ObservationBytes"/>].
    /// </param>
    /// <param name="actions">Destination, [<see cref="PqnOptions.Environments"/>].</param>
    /// <param name="legalActions">
    /// [<see cref="PqnOptions.Environments"/>, actions], which are legal; where
    /// <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">A span has another length, or somewhere no action is legal.</exception>
    public void Act(ReadOnlySpan<byte> observations, Span<int> actions, ReadOnlySpan<bool> legalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        int bytes = _network.ObservationBytes, count = _network.ActionCount;
        if (observations.Length != (long)Environments * bytes)
        {
            throw new ArgumentException(
                $"Expected {Environments} × {bytes} bytes of observations, got {observations.Length}.", nameof(observations));
        }

        if (actions.Length != Environments)
        {
            throw new ArgumentException(
                $"Expected room for {Environments} actions, got {actions.Length}.", nameof(actions));
        }

        LegalActions.Require(legalActions, _maskedActions, Environments);
        _network.ResampleNoise();
        _network.Evaluate(observations, _actionValues);
        for (int i = 0; i < actions.Length; i++)
        {
            ReadOnlySpan<bool> legal = LegalActions.Of(legalActions, i, count);
            ReadOnlySpan<float> values = _actionValues.AsSpan(i * count, count);
            int greedy = TemporalDifference.GreedyAction(values, legal);
            _rollouts.Value(i, values[greedy]);
            actions[i] = _exploration.Explores(Steps, i, legal, out int random) ? random : greedy;
        }
    }

    /// <summary>
    /// Chooses the legal action of the largest value, the first one of several, without noise. Draws nothing.
    /// </summary>
    /// <param name="observation">An observation, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="legalActions">
    /// [actions], which are legal there; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">The observation or the mask has another length, or no action is legal.</exception>
    public int ActGreedy(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        if (observation.Length != _network.ObservationBytes)
        {
            throw new ArgumentException(
                $"Expected an observation of {_network.ObservationBytes} bytes, got {observation.Length}.", nameof(observation));
        }

        LegalActions.Require(legalActions, _maskedActions);
        Span<float> values = _actionValues.AsSpan(0, _network.ActionCount);
        _network.ClearNoise();
        _network.Evaluate(observation, values);
        return TemporalDifference.GreedyAction(values, legalActions);
    }

    /// <summary>
    /// <see cref="Record"/>; then <see cref="Learn"/> where <see cref="IsUpdateDue"/>. Where an environment has made T steps
    /// and others lack some, after a failure say, it learns before the environment's next step is recorded.
    /// </summary>
    /// <inheritdoc cref="Record"/>
    /// <returns>The mean of what the updates found, or null where no update was due.</returns>
    /// <exception cref="TrainingDivergedException">An update found numbers that are not finite.</exception>
    public LearnResult? RecordAndLearn(
        int action, double reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation,
        int environment = 0, ReadOnlySpan<bool> nextLegalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        LearnResult? learnt = (uint)environment < (uint)Environments && _rollouts.IsFullOf(environment) ? Learn() : null;
        Record(action, reward, terminated, truncated, nextObservation, environment, nextLegalActions);
        return IsUpdateDue ? Learn() : learnt;
    }

    /// <summary>Counts a step and remembers it, without learning.</summary>
    /// <param name="action">The action taken at the observation before, 0 … actions − 1.</param>
    /// <param name="reward">What it gave, finite in single precision.</param>
    /// <param name="terminated">The task ended: nothing is bootstrapped from the next observation.</param>
    /// <param name="truncated">The episode was cut off: the next observation still has a value.</param>
    /// <param name="nextObservation">What was observed then, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="environment">Whose step, 0 … <see cref="PqnOptions.Environments"/> − 1.</param>
    /// <param name="nextLegalActions">
    /// [actions], which are legal then, where the task has ended maybe none; nothing where
    /// <see cref="EnvironmentSpec.HasIllegalActions"/> is false.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The observation has another length, or holds NaN or infinity although the task goes on; the mask has another length,
    /// or no action is legal although the task goes on; the action taken was illegal.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is no such action or environment, or the reward is not finite.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// No episode has begun since the last one ended; or the environment has made T steps that wait to be learnt from.
    /// </exception>
    public void Record(
        int action, double reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation,
        int environment = 0, ReadOnlySpan<bool> nextLegalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        if ((uint)action >= (uint)_network.ActionCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(action), action, $"Expected an action 0 … {_network.ActionCount - 1}.");
        }

        if ((uint)environment < (uint)Environments && _rollouts.IsFullOf(environment))
        {
            throw new InvalidOperationException(
                $"Environment {environment} has made {Options.RolloutSteps} steps: expected Learn before the next one.");
        }

        if (terminated)
            nextObservation = FiniteOrNothing(nextObservation);
        else
            RequireFinite(nextObservation);
        if (!terminated)
            LegalActions.Require(nextLegalActions, _maskedActions);
        _rollouts.Add(
            action, (float)(reward * Options.RewardScale), terminated, truncated, nextObservation, environment,
            nextLegalActions);
        Steps++;
    }

    /// <summary>Whether each environment has made T steps since the last <see cref="Learn"/>.</summary>
    public bool IsUpdateDue => _rollouts.IsFull;

    /// <summary>
    /// Computes the targets of all steps recorded since the last time, makes all epochs' updates towards them, and forgets
    /// the steps.
    /// </summary>
    /// <returns>The mean of what the updates found.</returns>
    /// <exception cref="InvalidOperationException">No step has been recorded since the last time.</exception>
    /// <exception cref="TrainingDivergedException">An update found numbers that are not finite.</exception>
    public LearnResult Learn()
    {
        using SingleCaller.Visit visit = Enter();
        if (!HasSteps)
            throw new InvalidOperationException("Expected steps to learn from: Record them first.");
        LearnResult learnt = _learner.Learn(_rollouts, Steps);
        _rollouts.Clear();
        return learnt;
    }

    JsonObject ILearner.Describe()
    {
        JsonObject options = Options.ToJson();
        options.Remove("network");
        options.Remove("architecture");
        options["algorithm"] = "PQN";
        return options;
    }

    /// <summary>
    /// Makes what is evaluated equal to the network, and forgets what the network has said: to be done after loading other
    /// parameters into <see cref="Network"/>. An average begins anew there.
    /// </summary>
    public void SynchronizeAverage()
    {
        using SingleCaller.Visit visit = Enter();
        _learner.SynchronizeAverage();
        _rollouts.ForgetValues();
    }

    /// <summary>
    /// Writes the network, the optimizer, the counters, the random streams, and the steps that wait to be learnt from.
    /// </summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Enter();
        writer.Write(StateMarker);
        writer.Write(Steps);
        _exploration.SaveState(writer);
        _learner.SaveState(writer);
        _rollouts.SaveState(writer);
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on an agent of the same network and options; then this one goes on as the
    /// saved one.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The state is damaged or of another agent. This one may have changed in part and should not be used.
    /// </exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using SingleCaller.Visit visit = Enter();
        try
        {
            int marker = reader.ReadInt32();
            long steps = reader.ReadInt64();
            if (marker != StateMarker || steps < 0)
            {
                throw new InvalidDataException(
                    $"Agent state: expected the marker {StateMarker:X8}, got {marker:X8} and {steps} steps.");
            }

            _exploration.LoadState(reader);
            _learner.LoadState(reader);
            _rollouts.LoadState(reader);
            Steps = steps;
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("Agent state: the data is cut short.", e);
        }
    }

    /// <summary>Disposes the networks.</summary>
    public void Dispose()
    {
        _network.Dispose();
        _learner.Dispose();
        _rollouts.Frames.Team?.Dispose();
    }

    private static void Require(IQNetwork network, PqnOptions options)
    {
        if (network.Distribution is not SingleValue)
        {
            throw new ArgumentException(
                $"Expected a network with a {nameof(SingleValue)}, since λ-returns are of values, got one with a " +
                $"{network.Distribution}. Use a {nameof(DqnAgent)} for distributions.", nameof(network));
        }

        if (options.RolloutTransitions % options.BatchSize != 0)
        {
            throw new ArgumentException(
                $"Expected {nameof(PqnOptions.Environments)} × {nameof(PqnOptions.RolloutSteps)} to be a multiple of " +
                $"{nameof(PqnOptions.BatchSize)}, got {options.Environments} × {options.RolloutSteps} = " +
                $"{options.RolloutTransitions} and {options.BatchSize}.", nameof(options));
        }

        if (options.Environments == 1 && options.Epsilon.Ladder > 0)
        {
            throw new ArgumentException(
                $"Expected several {nameof(PqnOptions.Environments)} beside {nameof(EpsilonSchedule)}." +
                $"{nameof(EpsilonSchedule.Ladder)}, got 1 and a ladder of {options.Epsilon.Ladder}: set it to 0, since one " +
                "environment explores with ε itself.", nameof(options));
        }
    }

    private SingleCaller.Visit Enter() => _caller.Enter(
        nameof(PqnAgent), "For many threads, make an agent for each, or let them ask clones of its network.");

    // What follows the end of a task is never valued: it may be broken, but is not kept so.
    private ReadOnlySpan<byte> FiniteOrNothing(ReadOnlySpan<byte> observation) =>
        _framesAreSingles && Finite.IndexOfNotFinite(MemoryMarshal.Cast<byte, float>(observation)) >= 0
            ? new byte[observation.Length]
            : observation;

    private void RequireFinite(ReadOnlySpan<byte> observation)
    {
        if (_framesAreSingles)
            Finite.RequireObservation(observation);
    }
}
