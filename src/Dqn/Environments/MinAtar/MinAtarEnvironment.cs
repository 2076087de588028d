using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// MinAtar: five Atari games on 10 × 10 cells, which ask for the same skills and are learnt in minutes.
/// Observation, bytes [channels, 10, 10]: 255 in the cells where a channel's thing is, else 0; <see cref="MinAtarGame"/>
/// lists the channels. Actions: 0 nothing, 1 left, 2 up, 3 right, 4 down, 5 fire; or
/// <see cref="MinAtarOptions.MinimalActions"/>. Every episode ends by itself, in termination.
/// <para>
/// The rules are those of the reference, MinAtar 1.0.15, step for step, with one difference: an episode begins without an
/// action to repeat, where the reference repeats the one before's last. With the generator NumPy's
/// <c>default_rng(seed)</c> the reference plays the same episodes.
/// </para>
/// Source: K. Young, T. Tian, "MinAtar: an Atari-inspired testbed for thorough and reproducible reinforcement learning
/// experiments" (2019).
/// </summary>
/// <example><code>
/// using IEnvironment game = new MinAtarEnvironment(MinAtarGame.Breakout);
/// using DqnAgent agent = Trainer.Train(game, steps: 500_000);
/// </code></example>
public sealed partial class MinAtarEnvironment : IEnvironment
{
    private static readonly ImmutableArray<MinAtarMove> s_moves = [.. Enum.GetValues<MinAtarMove>()];

    private readonly IMinAtarRules _rules;
    private readonly ImmutableArray<MinAtarMove> _moves;
    private readonly Pcg64 _random = new();
    private EpisodePhase _phase = EpisodePhase.New;
    private MinAtarMove _last;

    /// <summary>Makes a game.</summary>
    /// <param name="game">Which.</param>
    /// <param name="options">How it plays; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such game.</exception>
    public MinAtarEnvironment(MinAtarGame game, MinAtarOptions? options = null)
    {
        (Game, Options) = (game, options ?? new MinAtarOptions());
        _rules = game switch
        {
            MinAtarGame.Asterix => new Asterix(Options.DifficultyRamping),
            MinAtarGame.Breakout => new Breakout(),
            MinAtarGame.Freeway => new Freeway(),
            MinAtarGame.Seaquest => new Seaquest(Options.DifficultyRamping),
            MinAtarGame.SpaceInvaders => new SpaceInvaders(Options.DifficultyRamping),
            _ => throw new ArgumentOutOfRangeException(nameof(game), game, $"Expected one of MinAtar's games, got {game}."),
        };
        _moves = Options.MinimalActions ? _rules.MinimalMoves : s_moves;
        _seen = new byte[_rules.Channels * CellPicture.Cells];
        Spec = new()
        {
            Name = $"MinAtar/{game}-{(Options.MinimalActions ? "v1" : "v0")}",
            ObservationShape = [_rules.Channels, CellPicture.Side, CellPicture.Side],
            ElementType = ElementType.Byte,
            Layout = ObservationLayout.ChannelsFirst,
            ActionCount = _moves.Length,
        };
    }

    /// <summary>Which game it is.</summary>
    public MinAtarGame Game { get; }

    /// <summary>How it plays.</summary>
    public MinAtarOptions Options { get; }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public bool CanSaveState => true;

    /// <inheritdoc/>
    public JsonObject Describe()
    {
        JsonObject description = EnvironmentDescription.Of(this);
        description["options"] = Options.Describe();
        return description;
    }

    /// <inheritdoc/>
    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        _last = MinAtarMove.None;
        _rules.Reset(_random);
        _phase = EpisodePhase.Running;
    }

    /// <inheritdoc/>
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);

        // What sticks is the move that was made, so that a move can stick for several steps.
        if (_random.NextDouble() >= Options.StickyActions)
            _last = _moves[action];
        StepResult result = _rules.Step(_last, _random);
        if (result.Ended)
            _phase = EpisodePhase.Ended;
        return result;
    }

    /// <inheritdoc/>
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        observation.Clear();
        _rules.Draw(new CellPicture(observation));
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        writer.Write((byte)_phase);
        if (_phase == EpisodePhase.New)
            return;
        writer.Write((int)_last);
        _rules.SaveState(writer);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        _phase = EpisodePhase.New;
        _random.LoadState(reader);
        EpisodePhase phase = EpisodePhases.Read(reader);
        if (phase == EpisodePhase.New)
            return;
        _last = (MinAtarMove)reader.ReadInteger(0, s_moves.Length - 1, "a last action");
        _rules.LoadState(reader);
        _phase = phase;
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }
}
