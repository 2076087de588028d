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
/// The DQN agent: acts ε-greedily, remembers, and learns from what it remembers. Source: V. Mnih et al., "Human-level
/// control through deep reinforcement learning" (2015), in the order of steps of the notebook's <c>DQN</c> class.
/// <para>
/// For each episode <see cref="Begin"/>, then <see cref="Act(ReadOnlySpan{byte}, ReadOnlySpan{bool})"/> and <see cref="RecordAndLearn"/> in turn
/// until the episode ends; in place of <see cref="RecordAndLearn"/> a loop of one's own takes <see cref="Record"/>,
/// <see cref="IsUpdateDue"/> and <see cref="Learn"/> apart. Several environments (<see cref="DqnOptions.Environments"/>) have a number each, 0 … N − 1:
/// they begin and observe one by one and act together. Steps allocate nothing once the replay buffer has its memory,
/// synchronising aside. Not safe for concurrent use: a call while another thread's has not returned throws
/// <see cref="InvalidOperationException"/>.
/// </para>
/// <para>
/// Where the network <see cref="IValueFunction.IsBatchInvariant"/>, the target network values each stored transition's next
/// state once until it is synchronised again, not once per draw. That takes 12 bytes and 4 per action for each frame of
/// the buffer's capacity, and changes no bit of what is learnt
/// (<see cref="DqnOptions.CacheTargetValues"/>).
/// </para>
/// <para>
/// Random numbers: two streams, so that acting and sampling may be reordered without changing each other. Exploration
/// is <c>Pcg64(seed)</c>, from which one 64-bit word is drawn first to seed the sampling stream.
/// </para>
/// </summary>
public sealed class DqnAgent : IAgent
{
    private const int StateMarker = 0x344E5144; // "DQN4"

    private readonly DqnLearner _learner;
    private readonly DqnActor _actor;
    private readonly IReplay _replay;
    private readonly bool _framesAreSingles;
    private readonly int _maskedActions;
    private readonly float[] _actionValues;
    private SingleCaller _caller;

    /// <summary>Makes an agent around a network. The target network is a clone of it.</summary>
    /// <param name="network">The network that learns; the agent owns it and disposes it.</param>
    /// <param name="spec">The environment's observations and actions.</param>
    /// <param name="options">How to act and learn.</param>
    /// <param name="seed">Of the agent's random streams.</param>
    /// <param name="replay">
    /// What remembers, made for such observations with a lane for each environment, prioritized if the options are; null, the
    /// default: a <see cref="ReplayBuffer"/> or <see cref="PrioritizedReplayBuffer"/> of
    /// <see cref="DqnOptions.BufferCapacity"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Network or replay are not for such observations or actions, options contradict each other or would be ignored, or the
    /// replay buffer would take more memory than the process may use.
    /// </exception>
    public DqnAgent(
        IQNetwork network, EnvironmentSpec spec, DqnOptions options, ulong seed, IReplay? replay = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        OptionsMatch.Require(network, spec, options);
        _replay = replay ?? MakeReplay(network, spec, options);
        ReplayMatch.RequireLanes(_replay, options);
        (_framesAreSingles, _maskedActions) = (spec.ElementType == ElementType.Single, spec.MaskedActions);
        var random = new Pcg64(seed);
        if (_replay.Local is { } local)
            local.Team = new WorkerTeam(network.Options?.Threads ?? 0);
        _learner = new DqnLearner(network, _replay, spec, options, random.NextUInt64());
        _actor = new DqnActor(network, spec, options, random);
        _actionValues = new float[spec.ActionCount];
    }

    /// <summary>
    /// Makes an agent with a <see cref="QNetwork"/> for the environment: <see cref="MlpActionValue"/> with two hidden layers
    /// of 128 units for numbers, <see cref="CnnActionValue"/> for pictures, <see cref="CompactCnnActionValue"/> for those
    /// with sides below 60 pixels. For another architecture or engine make the network first and use the constructor.
    /// </summary>
    /// <param name="spec">The environment's observations and actions.</param>
    /// <param name="options">
    /// How to act and learn; <see cref="DqnOptions.Network"/> and <see cref="DqnOptions.Architecture"/> are the
    /// network's.
    /// </param>
    /// <param name="seed">Of the network's parameters and the agent's random streams.</param>
    /// <exception cref="ArgumentException">
    /// The observations are of another kind: the message names the cure, mostly
    /// <see cref="EnvironmentExtensions.WithPixels"/>.
    /// </exception>
    public static DqnAgent Create(EnvironmentSpec spec, DqnOptions options, ulong seed)
    {
        var random = new Pcg64(seed);
        return new DqnAgent(MakeNetwork(spec, options, random), spec, options, random.NextUInt64());
    }

    /// <summary>Makes the network that <see cref="Create"/> makes, for whoever puts a learner together in parts.</summary>
    /// <inheritdoc cref="Create" path="/param|/exception"/>
    public static QNetwork CreateNetwork(EnvironmentSpec spec, DqnOptions options, ulong seed) =>
        MakeNetwork(spec, options, new Pcg64(seed));

    /// <summary>How the agent acts and learns.</summary>
    public DqnOptions Options => _learner.Options;

    /// <summary>The network that acts and learns.</summary>
    public IQNetwork Network => _learner.Network;

    /// <summary>
    /// The network to be evaluated and kept: with <see cref="DqnOptions.EvaluationAverage"/> the average of
    /// <see cref="Network"/> over the updates; with <see cref="DqnOptions.EvaluationRisk"/> one that shuns risks; else
    /// <see cref="Network"/> itself.
    /// </summary>
    public IQNetwork EvaluationNetwork => _learner.EvaluationNetwork;

    /// <summary>
    /// The memory. A checkpoint saves its segments beside <see cref="SaveState"/>; see
    /// <see cref="IReplayState.WriteSegment"/>.
    /// </summary>
    public IReplay Replay => _replay;

    /// <summary>How many next states the target network has evaluated.</summary>
    internal long TargetEvaluations => _learner.TargetEvaluations;

    /// <summary>How many transitions have been observed.</summary>
    public long Steps => _learner.Steps;

    /// <summary>How many updates have been made.</summary>
    public long Updates => _learner.Updates;

    /// <summary>The probability of a random action now, the warm-up aside; of several environments the mean.</summary>
    public double Epsilon => _learner.Epsilon;

    int IAgent.Environments => Options.Environments;

    long ILearner.WarmupSteps => Options.WarmupSteps;

    double ILearner.RewardScale => Options.RewardScale;

    IReplayState? ILearner.Memory => _replay;

    /// <summary>Starts an episode; one that is under way is cut off as by truncation.</summary>
    /// <param name="observation">The first observation, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="environment">Whose, 0 … <see cref="DqnOptions.Environments"/> − 1.</param>
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
        _replay.Begin(observation, environment, legalActions);
        _actor.Begin(environment);
    }

    /// <summary>
    /// Chooses a legal action for training: random with probability ε and during the warm-up, else greedy. Draws one
    /// <see cref="Pcg64.NextDouble"/>, then one <see cref="Pcg64.Integer(int)"/> if the action is random. With
    /// <see cref="DqnOptions.ExplorationDuration"/> a random action is then kept up for as long as one more
    /// <see cref="Pcg64.NextDouble"/> says, or the episode lasts, or it is legal; the steps on which it is draw nothing.
    /// </summary>
    /// <param name="observation">The current observation, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="legalActions">
    /// [actions], which are legal here; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The observation or the mask has another length, no action is legal, or there are several environments.
    /// </exception>
    public int Act(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions = default)
    {
        int action = 0;
        Act(observation, new Span<int>(ref action), legalActions);
        return action;
    }

    /// <summary>
    /// Chooses an action for each environment as <see cref="Act(ReadOnlySpan{byte}, ReadOnlySpan{bool})"/> does, each with its own ε
    /// (<see cref="EpsilonSchedule.Ladder"/>) and drawing in turn; the network values all that need it as one batch.
    /// </summary>
    /// <param name="observations">
    /// The current observations, [<see cref="DqnOptions.Environments"/>,
    /// <see cref="EnvironmentSpec.ObservationBytes"/>].
    /// </param>
    /// <param name="actions">Destination, [<see cref="DqnOptions.Environments"/>].</param>
    /// <param name="legalActions">
    /// [<see cref="DqnOptions.Environments"/>, actions], which are legal; where
    /// <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">A span has another length, or somewhere no action is legal.</exception>
    public void Act(ReadOnlySpan<byte> observations, Span<int> actions, ReadOnlySpan<bool> legalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        _actor.Act(Steps, observations, actions, legalActions);
    }

    /// <summary>
    /// Chooses the legal action of the largest value, the first one of several, without noise. Draws nothing.
    /// </summary>
    /// <param name="observation">The current observation, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="legalActions">
    /// [actions], which are legal here; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">The observation or the mask has another length, or no action is legal.</exception>
    public int ActGreedy(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        RequireObservation(observation);
        LegalActions.Require(legalActions, _maskedActions);
        Network.ClearNoise();
        Network.Evaluate(observation, _actionValues);
        return TemporalDifference.GreedyAction(_actionValues, legalActions);
    }

    /// <summary>
    /// Takes in what came of an action, in the notebook's order: <see cref="Record"/>; <see cref="Learn"/>,
    /// <see cref="DqnOptions.UpdatesPerPeriod"/> times, where <see cref="IsUpdateDue"/>; then the target network follows
    /// where that is due. ε follows the steps. Of several environments each step counts: the caller passes them on one
    /// after another.
    /// </summary>
    /// <inheritdoc cref="Record"/>
    /// <returns>What was learnt, or null where no update was due.</returns>
    /// <exception cref="TrainingDivergedException">An update found numbers that are not finite.</exception>
    public LearnResult? RecordAndLearn(
        int action, double reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation,
        int environment = 0, ReadOnlySpan<bool> nextLegalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        Record(action, reward, terminated, truncated, nextObservation, environment, nextLegalActions);
        return _learner.LearnIfDue();
    }

    /// <summary>
    /// Counts a step and remembers it, without learning: for a loop of one's own, which learns after it
    /// (<see cref="IsUpdateDue"/>, <see cref="Learn"/>). Where the step makes it due that the target network follows
    /// (<see cref="DqnOptions.TargetUpdatePeriod"/>), it does so before the next step is recorded or the state saved, so
    /// after what is learnt in between.
    /// </summary>
    /// <param name="action">The action taken at the observation before, 0 … actions − 1.</param>
    /// <param name="reward">What it gave, finite in single precision.</param>
    /// <param name="terminated">The task ended: nothing is bootstrapped from the next observation.</param>
    /// <param name="truncated">The episode was cut off: the next observation still has a value.</param>
    /// <param name="nextObservation">What was observed then, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="environment">Whose step, 0 … <see cref="DqnOptions.Environments"/> − 1.</param>
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
    /// <exception cref="InvalidOperationException">No episode has begun since the last one ended.</exception>
    public void Record(
        int action, double reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation,
        int environment = 0, ReadOnlySpan<bool> nextLegalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        if ((uint)action >= (uint)Network.ActionCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(action), action, $"Expected an action 0 … {Network.ActionCount - 1}.");
        }

        if (terminated)
            nextObservation = FiniteOrNothing(nextObservation);
        else
            RequireFinite(nextObservation);
        if (!terminated)
            LegalActions.Require(nextLegalActions, _maskedActions);
        _replay.Add(
            action, (float)(reward * Options.RewardScale), terminated, truncated, nextObservation, environment,
            nextLegalActions);
        _learner.CountStep();
    }

    /// <summary>
    /// Whether the options want <see cref="Learn"/> after the step recorded last: the warm-up is over and an
    /// <see cref="DqnOptions.UpdatePeriod"/> full. True until the next step is recorded.
    /// </summary>
    public bool IsUpdateDue => _learner.IsUpdateDue;

    /// <summary>
    /// Makes the target network, and the evaluated one, equal to the online one: to be done after loading other parameters
    /// into <see cref="Network"/>. Every <see cref="DqnOptions.TargetUpdatePeriod"/> steps it happens by itself, or by
    /// <see cref="DqnOptions.TargetUpdateRate"/>.
    /// </summary>
    public void SynchronizeTarget()
    {
        using SingleCaller.Visit visit = Enter();
        _learner.SynchronizeTarget();
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
        return _learner.Learn();
    }

    JsonObject ILearner.Describe() => _learner.Describe();

    /// <summary>
    /// Writes the networks, the optimizer, the counters, the random streams, and of the replay buffer all but its
    /// segments.
    /// </summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Enter();
        writer.Write(StateMarker);
        writer.Write(Steps);
        _actor.SaveState(writer);
        _learner.SaveUpdates(writer);
        _replay.SaveState(writer);
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on an agent of the same networks and buffer. The replay buffer's
    /// segments have to follow (<see cref="IReplayState.ReadSegment"/>); then the agent goes on as the saved one.
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

            _actor.LoadState(reader);
            _learner.LoadUpdates(reader, steps);
            _replay.LoadState(reader);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("Agent state: the data is cut short.", e);
        }
    }

    /// <summary>Disposes the networks.</summary>
    public void Dispose()
    {
        _learner.Dispose();
        _replay.Local?.Team?.Dispose();
    }

    private static QNetwork MakeNetwork(EnvironmentSpec spec, DqnOptions options, Pcg64 random)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        return new QNetwork(DefaultArchitecture.For(spec, options.Architecture), random, options.Network);
    }

    private static IReplay MakeReplay(IQNetwork network, EnvironmentSpec spec, DqnOptions options)
    {
        AgentMemory.Require(
            spec, options, NextValues.KeepsValues(network, options), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var buffer = new ReplayBuffer(
            options.BufferCapacity, spec.FrameBytes, spec.StackedFrames, options.Environments, spec.MaskedActions)
        {
            ActionCount = spec.ActionCount,
            FramesAreSingles = spec.ElementType == ElementType.Single,
        };
        return options.Prioritized is { } prioritized ? new PrioritizedReplayBuffer(buffer, prioritized) : buffer;
    }

    private SingleCaller.Visit Enter() => _caller.Enter(
        nameof(DqnAgent), "For many threads, make an agent for each, or let them ask clones of its network.");

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

    private void RequireObservation(ReadOnlySpan<byte> observation)
    {
        if (observation.Length != Network.ObservationBytes)
        {
            throw new ArgumentException(
                $"Expected an observation of {Network.ObservationBytes} bytes, got {observation.Length}.",
                nameof(observation));
        }
    }
}
