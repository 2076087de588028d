using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Ends an episode when for a number of steps no reward above 0 has come: an agent that is lost then begins anew instead
/// of filling its memory with being lost. For training only: evaluation plays whole episodes. Placed over
/// <see cref="FrameSkip"/> it counts agent steps.
/// </summary>
public sealed class RewardTimeout : EnvironmentWrapper
{
    private int _without;
    private bool _ended;

    /// <summary>Limits how long an episode may go on without reward.</summary>
    /// <param name="inner">The environment to wrap.</param>
    /// <param name="steps">After how many steps in a row without a reward above 0 it ends, at least 1.</param>
    /// <param name="terminates">
    /// False: it is <see cref="StepResult.Truncated"/>, as if rewards might have come later, and what leads there looks
    /// no worse than the rest. True: it is <see cref="StepResult.Terminated"/>, so that the agent learns that nothing
    /// comes of, say, driving back over the road that it has come.
    /// </param>
    public RewardTimeout(IEnvironment inner, int steps, bool terminates = false)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (Steps, Terminates) = (steps, terminates);
    }

    /// <summary>After how many steps in a row without a reward above 0 an episode ends.</summary>
    public int Steps { get; }

    /// <summary>Whether it is then terminated, not truncated.</summary>
    public bool Terminates { get; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        (_without, _ended) = (0, false);
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        // The wrapped environment knows nothing of this limit, so it would go on.
        EpisodePhases.ThrowIfEnded(_ended, Spec);
        var result = Inner.Step(action);
        _without = result.Reward > 0 ? 0 : _without + 1;
        if (_without >= Steps)
            result = Terminates ? result with { Terminated = true } : result with { Truncated = true };
        _ended = result.Ended;
        return result;
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        writer.Write(_without);
        writer.Write(_ended);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        int without = reader.ReadInt32();
        bool ended = reader.ReadBoolean();
        if (without < 0 || without > Steps || (without == Steps && !ended))
            throw new InvalidDataException($"Reward timeout of {Steps} steps: {without} cannot have passed.");
        Inner.LoadState(reader);
        (_without, _ended) = (without, ended);
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["steps"] = Steps;
        numbers["terminates"] = Terminates;
    }
}
