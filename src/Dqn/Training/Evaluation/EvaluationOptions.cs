namespace Dqn.Training;

/// <summary>How an agent is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>
    /// The first episode's seed; the next ones' follow one by one. Default 1,000,000, away from training's.
    /// </summary>
    public ulong FirstSeed { get; init; } = 1_000_000;

    /// <summary>How many episodes, at least 1. Default 5, as in the notebook.</summary>
    public int Episodes
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(
            nameof(Episodes), value, "Expected at least 1 evaluation episode.");
    } = 5;

    /// <summary>
    /// How many agent steps an episode may take, at least 1: one that does not end by then ends the evaluation with an
    /// error instead of never. Default 1,000,000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int MaxSteps
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(
            nameof(MaxSteps), value, "Expected at least 1 step in an evaluation episode.");
    } = 1_000_000;

    /// <summary>
    /// The probability of a random action, 0 … 1. Default 0: always the action of the greatest value.
    /// </summary>
    public double Epsilon
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(
            nameof(Epsilon), value, "Expected an evaluation epsilon of 0 … 1.");
    }
}
