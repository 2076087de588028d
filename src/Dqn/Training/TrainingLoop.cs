using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Training;

/// <summary>
/// The training loop: the agent acts, the environment steps, the agent observes and learns, and what happened is
/// yielded. Several environments act and step together; then the agent observes and learns from one after another, and
/// each one's step is yielded by itself. Evaluation, metrics and checkpoints happen at the caller's, between any two of
/// them. After an exception a step has counted for agent and loop, or for neither, and training may go on: episodes of
/// environments that failed are cut off. Not safe for concurrent use: a call while another thread's has not returned throws
/// <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class TrainingLoop : ITrainingLoop
{
    private readonly IAgent _agent;
    private readonly VectorEnvironment _environments;
    private readonly EpisodeStatistics?[] _statistics;
    private readonly byte[] _observations;
    private readonly bool[] _legalActions; // [environments, actions], or empty: all are legal.
    private readonly int[] _actions;
    private readonly StepResult[] _results;
    private readonly bool[] _begins;
    private readonly double[] _returns;
    private readonly int[] _lengths;
    private ulong? _nextSeed;

    // Whose step of those made together the agent observes next; at 0 all have been observed.
    private int _next;
    private SingleCaller _caller;

    /// <summary>Joins an agent to an environment; both stay the caller's.</summary>
    /// <param name="agent">Who acts and learns.</param>
    /// <param name="environment">The task.</param>
    /// <param name="seed">Seeds the environment's first episode; the later ones go on with its stream.</param>
    /// <exception cref="ArgumentException">The agent acts in several environments.</exception>
    public TrainingLoop(IAgent agent, IEnvironment environment, ulong seed)
        : this(agent, new VectorEnvironment([environment ?? throw new ArgumentNullException(nameof(environment))],
            AutoresetMode.NextStep, threads: 1), seed)
    {
    }

    /// <summary>Joins an agent to as many environments as it acts in; all stay the caller's.</summary>
    /// <param name="agent">Who acts and learns.</param>
    /// <param name="environments">
    /// The task, <see cref="IAgent.Environments"/> times; not of <see cref="AutoresetMode.SameStep"/>.
    /// </param>
    /// <param name="seed">
    /// Seeds the environments' first episodes, number i's with seed + i · 2³² (modulo 2⁶⁴), so that trainings of
    /// neighbouring seeds share none; the later ones go on with their streams.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Another number of environments than the agent's, or a mode that hides how an episode ended.
    /// </exception>
    public TrainingLoop(IAgent agent, VectorEnvironment environments, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(environments);
        int count = environments.Count;
        if (count != agent.Environments)
        {
            throw new ArgumentException(
                $"Expected {agent.Environments} environments, as the agent has, got {count}.",
                nameof(environments));
        }

        if (environments.Autoreset == AutoresetMode.SameStep)
        {
            throw new ArgumentException(
                $"Expected environments of {nameof(AutoresetMode)}.{AutoresetMode.NextStep}, got " +
                $"{environments.Autoreset}.", nameof(environments));
        }

        (_agent, _environments, Seed, _nextSeed) = (agent, environments, seed, seed);
        _statistics = [.. environments.Environments.Select(environment => environment.Find<EpisodeStatistics>())];
        _observations = new byte[environments.ObservationBytes];
        _legalActions = new bool[count * environments.Spec.MaskedActions];
        (_actions, _results) = (new int[count], new StepResult[count]);
        (_begins, _returns, _lengths) = (new bool[count], new double[count], new int[count]);
        _begins.AsSpan().Fill(true);
    }

    /// <summary>The seed of the first environment's first episode.</summary>
    public ulong Seed { get; }

    /// <summary>How many agent steps have been made and observed, those of all environments.</summary>
    public long Steps { get; private set; }

    /// <summary>How many episodes have ended.</summary>
    public long Episodes { get; private set; }

    /// <summary>What the environments are, as data; see <see cref="VectorEnvironment.Describe"/>.</summary>
    public JsonObject DescribeEnvironments() => _environments.Describe();

    /// <summary>Trains for a number of agent steps, those of all environments counted.</summary>
    /// <param name="steps">How many more, at least 0.</param>
    /// <param name="onStep">Is told what happened, after each; null for nobody.</param>
    /// <param name="cancellationToken">Ends the training early, after the step in progress.</param>
    public void Run(long steps, Action<TrainingStep>? onStep = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        for (long i = 0; i < steps && !cancellationToken.IsCancellationRequested; i++)
        {
            TrainingStep step = StepAndReport();
            onStep?.Invoke(step);
        }
    }

    /// <summary>
    /// Makes a step each time the caller asks for the next, without end: nothing happens without a <c>foreach</c>.
    /// </summary>
    public IEnumerable<TrainingStep> RunLazily()
    {
        while (true)
            yield return StepAndReport();
    }

    TrainingStep ITrainingLoop.Step(CancellationToken cancellationToken) => Step();

    /// <summary>Makes a step.</summary>
    internal TrainingStep Step()
    {
        using SingleCaller.Visit visit = Enter();
        int bytes = _environments.Spec.ObservationBytes, masked = _environments.Spec.MaskedActions;
        if (_next == 0)
        {
            BeginEpisodes();
            _agent.Act(_observations, _actions, _legalActions);
            StepEnvironments();
        }

        int current = _next;
        StepResult result = _results[current];
        long observed = _agent.Steps;
        LearnResult? learned;
        EpisodeSummary? episode;
        try
        {
            learned = _agent.RecordAndLearn(
                _actions[current], result.Reward, result.Terminated, result.Truncated,
                _observations.AsSpan(current * bytes, bytes), current, _legalActions.AsSpan(current * masked, masked));
        }
        finally
        {
            // Whatever fails then: the agent's count and this one are the same.
            episode = _agent.Steps > observed ? Count(current) : Abandon(current);
        }

        return new TrainingStep(
            Steps, _actions[current], result.Reward, result.Terminated, result.Truncated, learned, episode, current);
    }

    /// <summary>
    /// Writes where the training stands, between two steps: the counts, the running episodes, the environments' state
    /// where they can give it. The agent's state is the agent's to write.
    /// </summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Enter();
        writer.Write(Steps);
        writer.Write(Episodes);
        writer.Write(_environments.CanSaveState);
        if (!_environments.CanSaveState)
            return;
        writer.Write(_nextSeed.HasValue);
        writer.Write(_next);
        writer.Write(_observations.Length);
        writer.Write(_observations);
        for (int i = 0; i < _results.Length; i++)
        {
            writer.Write(_begins[i]);
            writer.Write(_returns[i]);
            writer.Write(_lengths[i]);
            writer.Write(_actions[i]);
            writer.Write(_results[i].Reward);
            writer.Write(_results[i].Terminated);
            writer.Write(_results[i].Truncated);
        }

        if (_nextSeed is null)
            _environments.SaveState(writer);
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote with as many of the same kind of environment. Where they could not save
    /// their state, the episodes that were running are abandoned (to the agent they are cut off, not terminated) and
    /// the next ones are seeded by a number made from <see cref="Seed"/> and <see cref="Steps"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">The state is damaged or of other environments.</exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using SingleCaller.Visit visit = Enter();
        long steps = reader.ReadInt64(), episodes = reader.ReadInt64();
        if (steps < 0 || episodes < 0 || episodes > steps)
            throw new InvalidDataException($"Training loop: {steps} steps and {episodes} episodes do not go together.");
        bool couldSave = reader.ReadBoolean();
        if (couldSave != _environments.CanSaveState)
        {
            string name = _environments.Spec.Name;
            throw new InvalidDataException(couldSave
                ? $"Training loop: expected an environment that can load its state, got {name}."
                : $"Training loop: the state holds none of the environment's, which {name} expects.");
        }

        if (couldSave)
        {
            LoadEpisodes(reader);
        }
        else
        {
            (_next, _nextSeed) = (0, new Pcg64(Seed ^ (ulong)steps).NextUInt64());
            _begins.AsSpan().Fill(true);
        }

        (Steps, Episodes) = (steps, episodes);
    }

    private TrainingStep StepAndReport()
    {
        long updates = _agent.Updates;
        TrainingStep step = Step();
        TrainingMeter.Record(step, _agent.Updates - updates);
        return step;
    }

    private SingleCaller.Visit Enter() => _caller.Enter(
        nameof(TrainingLoop), "For many threads, make a loop, an agent and environments for each.");

    /// <summary>Where no episode runs, one begins: in all those environments together.</summary>
    private void BeginEpisodes()
    {
        if (!_begins.AsSpan().Contains(true))
            return;
        if (_nextSeed is { } seed)
            ResetAll(seed);
        else
            _environments.Reset(_begins);
        _nextSeed = null;
        int bytes = _environments.Spec.ObservationBytes, masked = _environments.Spec.MaskedActions;
        for (int i = 0; i < _begins.Length; i++)
        {
            if (!_begins[i])
                continue;
            Span<byte> observation = _observations.AsSpan(i * bytes, bytes);
            Span<bool> legalActions = _legalActions.AsSpan(i * masked, masked);
            _environments.Environments[i].Observe(observation);
            if (masked > 0)
                _environments.Environments[i].LegalActions(legalActions);
            _agent.Begin(observation, i, legalActions);
            (_begins[i], _returns[i], _lengths[i]) = (false, 0, 0);
        }
    }

    // The vector adds an environment's number to the seed.
    private void ResetAll(ulong seed)
    {
        var mask = new bool[_begins.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = true;
            _environments.Reset(mask, unchecked(seed + ((ulong)i << 32) - (ulong)i));
            mask[i] = false;
        }
    }

    // After a failure nobody knows where that environment is, and the others have gone on unseen: no step has been made, and
    // all begin new episodes.
    private void StepEnvironments()
    {
        try
        {
            _environments.Step(_actions, _results, _observations);
            if (_legalActions.Length > 0)
                _environments.LegalActions(_legalActions);
        }
        catch
        {
            _begins.AsSpan().Fill(true);
            throw;
        }
    }

    private EpisodeSummary? Count(int index)
    {
        Steps++;
        _lengths[index]++;
        _returns[index] += _results[index].Reward;
        _next = (index + 1) % _results.Length;
        return _results[index].Ended ? EndEpisode(index) : null;
    }

    // The agent refused the step: to it the episode ends with the one before.
    private EpisodeSummary? Abandon(int index)
    {
        _begins[index] = true;
        _next = (index + 1) % _results.Length;
        return null;
    }

    private EpisodeSummary EndEpisode(int index)
    {
        Episodes++;
        _begins[index] = true;
        return new EpisodeSummary(
            _statistics[index]?.Return ?? _returns[index], _lengths[index], _results[index].Terminated,
            _results[index].Truncated, _statistics[index]?.Frames ?? _lengths[index]);
    }

    private void LoadEpisodes(BinaryReader reader)
    {
        bool fresh = reader.ReadBoolean();
        int next = reader.ReadInt32(), bytes = reader.ReadInt32();
        if (bytes != _observations.Length || (uint)next >= (uint)_results.Length || (fresh && next > 0))
        {
            throw new InvalidDataException(
                $"Training loop: expected observations of {_observations.Length} bytes from {_results.Length} " +
                $"environments, got {bytes} bytes and environment {next}.");
        }

        reader.BaseStream.ReadExactly(_observations);
        for (int i = 0; i < _results.Length; i++)
        {
            (_begins[i], _returns[i], _lengths[i]) = (reader.ReadBoolean(), reader.ReadDouble(), reader.ReadInt32());
            _actions[i] = reader.ReadInt32();
            _results[i] = new StepResult(reader.ReadDouble(), reader.ReadBoolean(), reader.ReadBoolean());
            bool action = (uint)_actions[i] < (uint)_environments.Spec.ActionCount;
            bool finite = double.IsFinite(_returns[i]) && double.IsFinite(_results[i].Reward);
            if (_lengths[i] < 0 || !action || !finite || (fresh && !_begins[i]))
            {
                throw new InvalidDataException(
                    $"Training loop: environment {i} cannot have made {_lengths[i]} steps, action {_actions[i]}, the " +
                    $"reward {_results[i].Reward} and the return {_returns[i]}.");
            }
        }

        if (!fresh)
        {
            _environments.LoadState(reader);
            if (_legalActions.Length > 0)
                _environments.LegalActions(_legalActions);
        }

        (_next, _nextSeed) = (next, fresh ? Seed : null);
    }
}
