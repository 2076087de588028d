using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Cuts an episode off after a number of frames: <see cref="StepResult.Truncated"/>. Gymnasium's <c>TimeLimit</c>;
/// placed under <see cref="NoOpStart"/> and <see cref="FrameSkip"/> it counts their frames too.
/// </summary>
public sealed class TimeLimit : EnvironmentWrapper
{
    private int _elapsed;
    private bool _ended;

    /// <summary>Limits the length of episodes.</summary>
    /// <param name="inner">The environment to wrap.</param>
    /// <param name="frames">How many steps of <paramref name="inner"/> an episode has at most, at least 1.</param>
    public TimeLimit(IEnvironment inner, int frames = 1000)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        Frames = frames;
    }

    /// <summary>How many steps of the wrapped environment an episode has at most.</summary>
    public int Frames { get; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        (_elapsed, _ended) = (0, false);
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        // The wrapped environment knows nothing of this limit, so it would go on.
        EpisodePhases.ThrowIfEnded(_ended, Spec);
        var result = Inner.Step(action);
        _elapsed++;
        if (_elapsed >= Frames)
            result = result with { Truncated = true };
        _ended = result.Ended;
        return result;
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        writer.Write(_elapsed);
        writer.Write(_ended);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        int elapsed = reader.ReadInt32();
        bool ended = reader.ReadBoolean();
        if (elapsed < 0 || elapsed > Frames || (elapsed == Frames && !ended))
            throw new InvalidDataException($"Time limit of {Frames} frames: {elapsed} cannot have passed.");
        Inner.LoadState(reader);
        (_elapsed, _ended) = (elapsed, ended);
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers) =>
        numbers["frames"] = Frames;
}
