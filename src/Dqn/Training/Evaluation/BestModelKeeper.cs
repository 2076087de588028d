namespace Dqn.Training;

/// <summary>Remembers the evaluation of the greatest mean return and keeps what was evaluated then.</summary>
public sealed class BestModelKeeper
{
    private readonly Action _keep;

    /// <summary>
    /// Calls <paramref name="keep"/> for each evaluation that beats all before, so that it saves the model.
    /// </summary>
    public BestModelKeeper(Action keep)
    {
        ArgumentNullException.ThrowIfNull(keep);
        _keep = keep;
    }

    /// <summary>The greatest mean return; negative infinity before the first evaluation.</summary>
    public double Mean { get; private set; } = double.NegativeInfinity;

    /// <summary>The agent step after which it was reached; 0 before the first evaluation.</summary>
    public long Step { get; private set; }

    /// <summary>Takes an evaluation.</summary>
    /// <returns>Whether its mean return is greater than all before, so that it was kept.</returns>
    public bool Consider(long step, EvaluationResult evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        if (!(evaluation.Mean > Mean))
            return false;
        _keep();
        (Mean, Step) = (evaluation.Mean, step);
        return true;
    }

    /// <summary>Writes the best mean and its step; the kept model is a file of its own.</summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Mean);
        writer.Write(Step);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no mean of returns, or no step.</exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        (double mean, long step) = (reader.ReadDouble(), reader.ReadInt64());
        if (step < 0 || !(mean < double.PositiveInfinity))
            throw new InvalidDataException($"Best evaluation: expected a finite mean and a step, got {mean} at {step}.");
        (Mean, Step) = (mean, step);
    }
}
