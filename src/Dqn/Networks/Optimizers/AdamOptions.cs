namespace Dqn.Networks;

/// <summary>
/// <c>torch.optim.Adam</c>: m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
/// p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε). Source: D. Kingma, J. Ba, "Adam" (2015).
/// </summary>
/// <example><code>
/// var options = new QNetworkOptions { Optimizer = new AdamOptions { LearningRate = 0.0001 } };
/// </code></example>
public sealed record AdamOptions : OptimizerOptions
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

    /// <summary>
    /// λ, at least 0: before each step p ← p − lr · λ · p, as <c>torch.optim.AdamW</c>, its defaults aside. Source: I.
    /// Loshchilov, F. Hutter, "Decoupled weight decay regularization" (2019). Default 0: none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double WeightDecay { get; init => field = NotNegative(value, nameof(WeightDecay)); }
}
