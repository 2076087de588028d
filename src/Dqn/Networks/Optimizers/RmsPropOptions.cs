namespace Dqn.Networks;

/// <summary>
/// <c>torch.optim.RMSprop</c>: v ← α v + (1 − α) g²; p ← p − lr · g / (√v + ε). Source: T. Hinton, lecture 6e of
/// "Neural Networks for Machine Learning" (2012); centered as in A. Graves, "Generating sequences with recurrent
/// neural networks" (2013).
/// </summary>
public sealed record RmsPropOptions : OptimizerOptions
{
    /// <summary>α, how much of the running mean of squares stays; 0 ≤ α &lt; 1. Default 0.99.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Alpha { get; init => field = Fraction(value, nameof(Alpha)); } = 0.99;

    /// <summary>ε, added to the root; at least 0. Default 10⁻⁸.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = NotNegative(value, nameof(Epsilon)); } = 1e-8;

    /// <summary>
    /// Momentum μ: b ← μ b + g / (√v + ε), p ← p − lr · b; 0 ≤ μ &lt; 1. Default 0, none. What Mnih et al. (2015) call
    /// gradient momentum is not this but <see cref="Alpha"/> of the mean m: see <see cref="Centered"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Momentum { get; init => field = Fraction(value, nameof(Momentum)); }

    /// <summary>
    /// Whether the gradient's variance rather than its mean square is under the root: v − m² with m ← α m + (1 − α) g,
    /// where rounding makes it negative taken as 0. Default false.
    /// </summary>
    public bool Centered { get; init; }
}
