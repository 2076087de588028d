namespace Dqn.Agents;

/// <summary>
/// The learning rate over the agent steps: in a straight line from <see cref="Start"/> to <see cref="End"/>, then
/// constant. Immutable.
/// </summary>
public sealed record LearningRateSchedule
{
    /// <summary>Makes a schedule.</summary>
    /// <param name="start">The learning rate before the first step, above 0 and finite.</param>
    /// <param name="end">The learning rate from then on, above 0 and finite.</param>
    /// <param name="steps">Over how many agent steps it changes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of that range.</exception>
    public LearningRateSchedule(double start, double end, long steps)
    {
        RequireRate(start, nameof(start));
        RequireRate(end, nameof(end));
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (Start, End, Steps) = (start, end, steps);
    }

    /// <summary>The learning rate before the first step.</summary>
    public double Start { get; }

    /// <summary>The learning rate after the last of <see cref="Steps"/>.</summary>
    public double End { get; }

    /// <summary>Over how many agent steps it changes.</summary>
    public long Steps { get; }

    /// <summary>The learning rate after so many agent steps.</summary>
    /// <param name="step">Agent steps done, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return step >= Steps ? End : Start + (End - Start) * ((double)step / Steps);
    }

    private static void RequireRate(double rate, string name)
    {
        if (!(rate > 0 && double.IsFinite(rate)))
        {
            throw new ArgumentOutOfRangeException(
                name, rate, $"{nameof(LearningRateSchedule)}: expected a learning rate above 0 and finite.");
        }
    }
}
