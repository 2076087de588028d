namespace Dqn.Agents;

/// <summary>
/// How often the agent explores: ε falls in a straight line from <see cref="Start"/> to <see cref="End"/> over
/// <see cref="DecaySteps"/> agent steps, then stays. Immutable.
/// </summary>
public sealed record EpsilonSchedule
{
    /// <summary>Makes a schedule; the defaults are the notebook's.</summary>
    /// <param name="start">ε before the first step, 0 … 1.</param>
    /// <param name="end">ε from then on, 0 … <paramref name="start"/>.</param>
    /// <param name="decaySteps">Over how many agent steps ε falls, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of that range.</exception>
    public EpsilonSchedule(double start = 1.0, double end = 0.1, long decaySteps = 1_000_000)
    {
        if (!(start is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"{nameof(EpsilonSchedule)}.{nameof(Start)}: expected 0 … 1.");
        }

        if (!(end >= 0 && end <= start))
        {
            throw new ArgumentOutOfRangeException(
                nameof(end), end, $"{nameof(EpsilonSchedule)}.{nameof(End)}: expected 0 … {nameof(Start)} ({start}).");
        }

        if (decaySteps < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(decaySteps), decaySteps,
                $"{nameof(EpsilonSchedule)}.{nameof(DecaySteps)}: expected at least 1.");
        }

        (Start, End, DecaySteps) = (start, end, decaySteps);
    }

    /// <summary>ε before the first step, 0 … 1. Default 1.</summary>
    public double Start { get; }

    /// <summary>ε at the end of the decay and after it, 0 … <see cref="Start"/>. Default 0.1.</summary>
    public double End { get; }

    /// <summary>Over how many agent steps ε falls, at least 1. Default 1,000,000.</summary>
    public long DecaySteps { get; }

    /// <summary>
    /// ε after so many agent steps. Computed from the step, where the notebook subtracts (Start − End) / DecaySteps
    /// once per step: the same but for rounding, which stays below 10⁻¹⁰ over a million steps, and nothing to save.
    /// </summary>
    /// <param name="step">Agent steps done, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return step >= DecaySteps ? End : Math.Max(End, Start - (Start - End) * ((double)step / DecaySteps));
    }
}
