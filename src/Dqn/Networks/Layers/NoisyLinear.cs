namespace Dqn.Networks;

/// <summary>
/// A fully connected layer whose weights and biases are noisy: μ + σ · ε, both learnt, ε drawn by
/// <see cref="Values.IValueFunction.ResampleNoise"/> and 0 before that and after <see cref="Values.IValueFunction.ClearNoise"/>. Exploration
/// then needs no ε-greedy. The noise is factorised: of a weight f(εᵢ) f(εⱼ), of a bias f(εⱼ), with f(x) = sgn(x) √|x|
/// and one normal ε for each input i and feature j. The parameters are <c>{Name}.weight_mu</c>,
/// <c>{Name}.weight_sigma</c> [features, inputs], <c>{Name}.bias_mu</c>, <c>{Name}.bias_sigma</c> [features]. Source:
/// M. Fortunato et al., "Noisy networks for exploration" (2018).
/// </summary>
public sealed record NoisyLinear : Layer
{
    /// <summary>Describes a noisy layer.</summary>
    /// <param name="name">What its parameters' names start with, not empty: "fc1".</param>
    /// <param name="features">How many outputs, at least 1.</param>
    /// <param name="sigma">σ at the start, times √inputs; finite, at least 0. The paper's is ½.</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number out of its range.</exception>
    public NoisyLinear(string name, int features, double sigma = 0.5)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        if (!(sigma >= 0 && double.IsFinite(sigma)))
            throw new ArgumentOutOfRangeException(nameof(sigma), sigma, "Expected a finite sigma of at least 0.");
        (Name, Features, Sigma) = (name, features, sigma);
    }

    /// <summary>What the parameters' names start with.</summary>
    public string Name { get; }

    /// <summary>How many outputs.</summary>
    public int Features { get; }

    /// <summary>σ at the start, times √inputs.</summary>
    public double Sigma { get; }
}
