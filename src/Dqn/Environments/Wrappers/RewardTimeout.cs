namespace Dqn.Environments;

/// <summary>
/// Cuts an episode off (<see cref="StepResult.Truncated"/>) when for a number of steps no reward above 0 has come: an
/// agent that is lost then begins anew instead of filling its memory with being lost. For training only: evaluation
/// plays whole episodes. Placed over <see cref="FrameSkip"/> it counts agent steps.
/// </summary>
public sealed class RewardTimeout : EnvironmentWrapper
{
    private int _without;
    private bool _ended;

    /// <summary>Limits how long an episode may go on without reward.</summary>
    /// <param name="inner">The environment to wrap.</param>
    /// <param name="steps">After how many steps in a row without a reward above 0 it is cut off, at least 1.</param>
    public RewardTimeout(IEnvironment inner, int steps)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        Steps = steps;
    }

    /// <summary>After how many steps in a row without a reward above 0 an episode is cut off.</summary>
    public int Steps { get; }

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
        if (_ended)
            throw new InvalidOperationException($"{Spec.Name}: the episode has ended; call Reset before Step.");
        var result = Inner.Step(action);
        _without = result.Reward > 0 ? 0 : _without + 1;
        if (_without >= Steps)
            result = result with { Truncated = true };
        _ended = result.Ended;
        return result;
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        StateMarker.Write(writer, "RWTO"u8, Steps);
        writer.Write(_without);
        writer.Write(_ended);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        StateMarker.Expect(reader, "RWTO"u8, Steps);
        int without = reader.ReadInt32();
        bool ended = reader.ReadBoolean();
        if (without < 0 || without > Steps || (without == Steps && !ended))
            throw new InvalidDataException($"Reward timeout of {Steps} steps: {without} cannot have passed.");
        Inner.LoadState(reader);
        (_without, _ended) = (without, ended);
    }
}
