namespace Dqn.Agents;

/// <summary>
/// How often the agent explores: ε falls in a straight line from <see cref="Start"/> to <see cref="End"/> over
/// <see cref="DecaySteps"/> agent steps, then stays, or goes on as <see cref="Then"/> says. Several environments may
/// explore each to its own degree (<see cref="Ladder"/>). Immutable.
/// </summary>
/// <example>
/// From always to one action in twenty over 100,000 steps:
/// <code>
/// var epsilon = new EpsilonSchedule(start: 1, end: 0.05, decaySteps: 100_000);
/// double halfway = epsilon.At(50_000); // 0.525
/// </code></example>
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
    /// What follows once <see cref="DecaySteps"/> have passed, its steps counted from there. Default null: ε stays.
    /// </summary>
    /// <exception cref="ArgumentException">It has a <see cref="Ladder"/>: the first schedule's counts for all.</exception>
    public EpsilonSchedule? Then
    {
        get;
        init => field = value is not { Ladder: > 0 } ? value : throw new ArgumentException(
            $"{nameof(EpsilonSchedule)}.{nameof(Then)}: expected no {nameof(Ladder)} there, got {value.Ladder}: set it on " +
            "the first schedule, whose ladder counts for all that follow.", nameof(Then));
    }

    /// <summary>
    /// α, at least 0: of N environments number i explores with ε^(1 + α · i / (N − 1)), so that some explore much and
    /// others drive nearly as the agent would. Source: D. Horgan et al., "Distributed prioritized experience replay"
    /// (2018), with α = 7 and ε = 0.4. Default 0: all alike, as it has to be for one environment.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Ladder
    {
        get;
        init => field = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(
            nameof(Ladder), value, $"{nameof(EpsilonSchedule)}.{nameof(Ladder)}: expected at least 0 and finite.");
    }

    /// <summary>ε of one of several environments after so many agent steps.</summary>
    /// <param name="step">Agent steps done by all environments together, at least 0.</param>
    /// <param name="environment">Which one, 0 … <paramref name="environments"/> − 1.</param>
    /// <param name="environments">How many there are, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public double At(long step, int environment, int environments)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(environments, 1);
        if ((uint)environment >= (uint)environments)
        {
            throw new ArgumentOutOfRangeException(
                nameof(environment), environment, $"Expected an environment 0 … {environments - 1}.");
        }

        double epsilon = At(step);
        return Ladder == 0 || environment == 0
            ? epsilon
            : Math.Pow(epsilon, 1 + Ladder * environment / (environments - 1));
    }

    /// <summary>
    /// ε after so many agent steps, that of the first environment. Computed from the step, where the notebook subtracts
    /// (Start − End) / DecaySteps once per step: the same but for rounding, which stays below 10⁻¹⁰ over a million
    /// steps, and nothing to save.
    /// </summary>
    /// <param name="step">Agent steps done, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step >= DecaySteps)
            return Then?.At(step - DecaySteps) ?? End;
        return Math.Max(End, Start - (Start - End) * ((double)step / DecaySteps));
    }
}
