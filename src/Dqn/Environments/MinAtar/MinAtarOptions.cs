using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>How <see cref="MinAtarEnvironment"/> plays; the defaults are the paper's.</summary>
public sealed record MinAtarOptions
{
    /// <summary>
    /// How probable it is, at each step, that the action of the step before is repeated instead of the agent's: 0 … 1.
    /// Source: M. Machado et al., "Revisiting the Arcade Learning Environment" (2018). Default 0.1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double StickyActions
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(StickyActions), value, $"Expected a probability of 0 … 1, got {value}.");
    } = 0.1;

    /// <summary>
    /// Whether Asterix, Seaquest and Space Invaders become harder the longer an episode goes on; the others do not.
    /// Default true.
    /// </summary>
    public bool DifficultyRamping { get; init; } = true;

    /// <summary>
    /// Whether the actions are only those that do something in the game, in the order of <see cref="MinAtarGame"/>'s list, as
    /// in the reference's "v1" environments. Default false: all six, none, left, up, right, down, fire, as in "v0" and in the paper.
    /// </summary>
    public bool MinimalActions { get; init; }

    /// <summary>The options as data.</summary>
    internal JsonObject Describe() => new()
    {
        ["stickyActions"] = StickyActions,
        ["difficultyRamping"] = DifficultyRamping,
        ["minimalActions"] = MinimalActions,
    };
}
