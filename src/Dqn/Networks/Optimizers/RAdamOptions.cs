namespace Dqn.Networks;

/// <summary>
/// <c>torch.optim.RAdam</c>: Adam whose first steps do not yet divide by a root that rests on few gradients, so that a
/// large learning rate needs no warm-up. With Adam's m and v, m̂ = m / (1 − β₁ᵗ), ρ∞ = 2 / (1 − β₂) − 1 and
/// ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ): where ρₜ &gt; 5, p ← p − lr · rₜ · m̂ · √(1 − β₂ᵗ) / (√v + ε) with
/// rₜ = √((ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ)); before, p ← p − lr · m̂. Source: L. Liu et al., "On the variance of
/// the adaptive learning rate and beyond" (2020).
/// </summary>
/// <example><code>
/// var options = new QNetworkOptions { Optimizer = new RAdamOptions { LearningRate = 0.00025 }, MaxGradientNorm = 10 };
/// </code></example>
public sealed record RAdamOptions : OptimizerOptions
{
    /// <summary>β₁, how much of the running mean stays; 0 ≤ β₁ &lt; 1. Default 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Beta1 { get; init => field = Fraction(value, nameof(Beta1)); } = 0.9;

    /// <summary>β₂, how much of the running mean of squares stays; 0 ≤ β₂ &lt; 1. Default 0.999.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Beta2 { get; init => field = Fraction(value, nameof(Beta2)); } = 0.999;

    /// <summary>ε, added to the root; at least 0. Default 10⁻⁸.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = NotNegative(value, nameof(Epsilon)); } = 1e-8;

    /// <summary>The numbers of one step, p ← p − lr · Size · m / (InverseRoot · √v + Addend): for engines.</summary>
    /// <param name="steps">t, the step's number, at least 1.</param>
    /// <returns>
    /// rₜ / (1 − β₁ᵗ), 1 / √(1 − β₂ᵗ) and ε / √(1 − β₂ᵗ); while ρₜ ≤ 5 they are 1 / (1 − β₁ᵗ), 0 and 1.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public (double Size, double InverseRoot, double Addend) At(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        double power = Math.Pow(Beta2, steps), correction = 1 - power, size = 1 / (1 - Math.Pow(Beta1, steps));
        double longest = 2 / (1 - Beta2) - 1, length = longest - 2 * steps * power / correction;
        if (length <= 5)
            return (size, 0, 1);
        double rectification = Math.Sqrt(
            (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
        double inverseRoot = 1 / Math.Sqrt(correction);
        return (size * rectification, inverseRoot, Epsilon * inverseRoot);
    }
}
