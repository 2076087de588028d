using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Repeats each action and adds up the rewards; stops where the episode ends, and where the action has become illegal
/// (<see cref="EnvironmentSpec.HasIllegalActions"/>). The frames between are never observed, so
/// they cost no drawing.
/// </summary>
/// <example><code>
/// using var environment = new FrameSkip(game, frames: 4); // or .WithFrameSkip(4)
/// </code></example>
public sealed class FrameSkip : EnvironmentWrapper
{
    private readonly bool[] _legalActions;

    /// <summary>Repeats each action.</summary>
    /// <param name="inner">The environment to wrap.</param>
    /// <param name="frames">How many steps of <paramref name="inner"/> one step is, at least 1.</param>
    public FrameSkip(IEnvironment inner, int frames = 4)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        Frames = frames;
        _legalActions = new bool[inner.Spec.MaskedActions];
    }

    /// <summary>How many steps of the wrapped environment one step is.</summary>
    public int Frames { get; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        double reward = 0;
        StepResult result = default;
        for (int i = 0; i < Frames && !result.Ended; i++)
        {
            result = Inner.Step(action);
            reward += result.Reward;
            if (i + 1 < Frames && !result.Ended && !Inner.IsLegal(action, _legalActions))
                break;
        }

        return result with { Reward = reward };
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers) =>
        numbers["frames"] = Frames;
}
