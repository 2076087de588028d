namespace Dqn.Replay;

/// <summary>
/// Transitions that surprised are sampled more often: transition i with probability pᵢ^α / Σ pₖ^α, where pᵢ = |δᵢ| + ε
/// and δ is its temporal-difference error when it was last learnt from; one that has not been yet has the largest
/// priority so far. What that skews, a weight on its error takes back in part: (N · P(i))^−β, over the batch's largest.
/// Source: T. Schaul, J. Quan, I. Antonoglou, D. Silver, "Prioritized experience replay" (2016), the proportional
/// variant; the defaults are its.
/// </summary>
public sealed record PrioritizedReplayOptions
{
    /// <summary>α, how much priority counts, 0 … 1; 0 is uniform. Default 0.6.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double PriorityExponent { get; init => field = Fraction(value, nameof(PriorityExponent)); } = 0.6;

    /// <summary>
    /// ε, added to |δ| so that nothing is forgotten while it is stored; in units of the reward, above 0, at most 1.
    /// Default 10⁻⁶.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double PriorityOffset
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(PriorityOffset), value,
                $"{nameof(PrioritizedReplayOptions)}.{nameof(PriorityOffset)}: expected above 0, at most 1.");
    } = 1e-6;

    /// <summary>
    /// β, how much of the skew the weights take back, 0 … 1, where <see cref="ReplayBuffer.Sample"/> is not told
    /// otherwise; the paper lets it grow to 1 over the training. Default 0.4.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double ImportanceExponent { get; init => field = Fraction(value, nameof(ImportanceExponent)); } = 0.4;

    private static double Fraction(double value, string name) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(
            name, value, $"{nameof(PrioritizedReplayOptions)}.{name}: expected 0 … 1.");
}
