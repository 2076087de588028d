namespace Dqn.Environments;

/// <summary>
/// Adds up an episode's rewards. Placed under <see cref="NoOpStart"/> and <see cref="FrameSkip"/> it counts every
/// frame, the no-op frames that the agent never sees too: the official return.
/// </summary>
public sealed class EpisodeStatistics : EnvironmentWrapper
{
    /// <summary>Watches <paramref name="inner"/>.</summary>
    /// <param name="inner">The environment to wrap.</param>
    public EpisodeStatistics(IEnvironment inner)
        : base(inner)
    {
    }

    /// <summary>The sum of the rewards since the last <see cref="Reset"/>, in the order in which they came.</summary>
    public double Return { get; private set; }

    /// <summary>How many steps the wrapped environment has made since the last <see cref="Reset"/>.</summary>
    public int Frames { get; private set; }

    /// <summary>Whether the episode is over, and how: the result of the last step. All zero before the first.</summary>
    public StepResult Last { get; private set; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        (Return, Frames, Last) = (0, 0, default);
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        Last = Inner.Step(action);
        Return += Last.Reward;
        Frames++;
        return Last;
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        writer.Write(Return);
        writer.Write(Frames);
        writer.Write(Last.Reward);
        writer.Write(Last.Terminated);
        writer.Write(Last.Truncated);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        double sum = reader.ReadDouble();
        int frames = reader.ReadInt32();
        var last = new StepResult(reader.ReadDouble(), reader.ReadBoolean(), reader.ReadBoolean());
        if (frames < 0)
            throw new InvalidDataException($"Episode statistics: expected a number of frames, got {frames}.");
        if (!double.IsFinite(sum) || !double.IsFinite(last.Reward))
            throw new InvalidDataException($"Episode statistics: expected finite numbers, got {sum} and {last.Reward}.");
        Inner.LoadState(reader);
        (Return, Frames, Last) = (sum, frames, last);
    }
}
