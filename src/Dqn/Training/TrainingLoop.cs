using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Training;

/// <summary>
/// The training loop: the agent acts, the environment steps, the agent observes and learns, and what happened is
/// yielded. Evaluation, metrics and checkpoints happen at the caller's, between two steps. Not safe for concurrent use.
/// </summary>
public sealed class TrainingLoop
{
    private readonly DqnAgent _agent;
    private readonly IEnvironment _environment;
    private readonly EpisodeStatistics? _statistics;
    private readonly byte[] _observation;
    private ulong? _nextSeed;
    private bool _inEpisode;
    private double _return;
    private int _length;

    /// <summary>Joins an agent to an environment; both stay the caller's.</summary>
    /// <param name="agent">Who acts and learns.</param>
    /// <param name="environment">The task.</param>
    /// <param name="seed">Seeds the environment's first episode; the later ones go on with its stream.</param>
    public TrainingLoop(DqnAgent agent, IEnvironment environment, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(environment);
        (_agent, _environment, Seed, _nextSeed) = (agent, environment, seed, seed);
        _statistics = environment.Find<EpisodeStatistics>();
        _observation = new byte[environment.Spec.ObservationBytes];
    }

    /// <summary>The seed of the environment's first episode.</summary>
    public ulong Seed { get; }

    /// <summary>How many agent steps have been made.</summary>
    public long Steps { get; private set; }

    /// <summary>How many episodes have ended.</summary>
    public long Episodes { get; private set; }

    /// <summary>Makes a step each time the caller asks for the next, without end.</summary>
    public IEnumerable<TrainingStep> Run()
    {
        while (true)
        {
            if (!_inEpisode)
                BeginEpisode();
            int action = _agent.Act(_observation);
            StepResult result = _environment.Step(action);
            _environment.Observe(_observation);
            LearnResult? learned = _agent.Observe(
                action, result.Reward, result.Terminated, result.Truncated, _observation);
            Steps++;
            _length++;
            _return += result.Reward;
            EpisodeSummary? episode = result.Ended ? EndEpisode(result) : null;
            yield return new TrainingStep(
                Steps, action, result.Reward, result.Terminated, result.Truncated, learned, episode);
        }
    }

    /// <summary>
    /// Writes where the training stands, between two steps: the counts, the running episode, the environment's state
    /// where it can give it. The agent's state is the agent's to write.
    /// </summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Steps);
        writer.Write(Episodes);
        writer.Write(_environment.CanSaveState);
        if (!_environment.CanSaveState)
            return;
        writer.Write(_nextSeed.HasValue);
        writer.Write(_inEpisode);
        writer.Write(_return);
        writer.Write(_length);
        writer.Write(_observation.Length);
        writer.Write(_observation);
        if (_nextSeed is null)
            _environment.SaveState(writer);
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote with the same kind of environment. Where the environment could not save
    /// its state, the episode that was running is abandoned (to the agent it is cut off, not terminated) and the next
    /// one is seeded by a number made from <see cref="Seed"/> and <see cref="Steps"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">The state is damaged or of another environment.</exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        long steps = reader.ReadInt64(), episodes = reader.ReadInt64();
        if (steps < 0 || episodes < 0 || episodes > steps)
            throw new InvalidDataException($"Training loop: {steps} steps and {episodes} episodes do not go together.");
        bool couldSave = reader.ReadBoolean();
        if (couldSave != _environment.CanSaveState)
        {
            throw new InvalidDataException(couldSave
                ? $"Training loop: expected an environment that can load its state, got {_environment.Spec.Name}."
                : $"Training loop: the state holds none of the environment's, which {_environment.Spec.Name} expects.");
        }

        if (couldSave)
            LoadEpisode(reader);
        else
            (_inEpisode, _nextSeed) = (false, new Pcg64(Seed ^ (ulong)steps).NextUInt64());
        (Steps, Episodes) = (steps, episodes);
    }

    private void BeginEpisode()
    {
        _environment.Reset(_nextSeed);
        _environment.Observe(_observation);
        _agent.Begin(_observation);
        (_nextSeed, _inEpisode, _return, _length) = (null, true, 0, 0);
    }

    private EpisodeSummary EndEpisode(StepResult result)
    {
        Episodes++;
        _inEpisode = false;
        return new EpisodeSummary(
            _statistics?.Return ?? _return, _length, result.Terminated, result.Truncated,
            _statistics?.Frames ?? _length);
    }

    private void LoadEpisode(BinaryReader reader)
    {
        bool fresh = reader.ReadBoolean(), inEpisode = reader.ReadBoolean();
        double sum = reader.ReadDouble();
        int length = reader.ReadInt32(), bytes = reader.ReadInt32();
        if (length < 0 || bytes != _observation.Length || (fresh && inEpisode))
        {
            throw new InvalidDataException(
                $"Training loop: expected an observation of {_observation.Length} bytes, got {bytes}.");
        }

        reader.BaseStream.ReadExactly(_observation);
        if (!fresh)
            _environment.LoadState(reader);
        (_nextSeed, _inEpisode, _return, _length) = (fresh ? Seed : null, inEpisode, sum, length);
    }
}
