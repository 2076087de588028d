namespace Dqn.Networks;

/// <summary>
/// Where a network begins to answer for a fraction τ of the return: each feature times relu(Σᵢ wᵢ cos(π i τ) + b),
/// i = 0 … <see cref="Cosines"/> − 1. All layers after it compute once for each τ, and the last gives one number for each
/// action: its quantile at τ. A network with a <see cref="Values.ImplicitQuantileDistribution"/> has one, others have none.
/// Its parameters are <c>{Name}.weight</c> [features, cosines] and <c>{Name}.bias</c> [features]. Source: W. Dabney, G.
/// Ostrovski, D. Silver, R. Munos, "Implicit quantile networks for distributional reinforcement learning" (2018).
/// </summary>
/// <example><code>
/// var architecture = new Sequential(
///     [4], pixels: false,
///     [
///         new Linear("fc1", 64), new Relu(), new QuantileEmbedding("embedding"), new Linear("fc2", 64), new Relu(),
///         new Linear("fc3", 2),
///     ],
///     new ImplicitQuantileDistribution());
/// </code></example>
public sealed record QuantileEmbedding : Layer
{
    /// <summary>Describes the embedding.</summary>
    /// <param name="name">What its parameters' names start with, not empty: "embedding".</param>
    /// <param name="cosines">How many, 1 … 4,096. The paper's is 64.</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number out of its range.</exception>
    public QuantileEmbedding(string name, int cosines = 64)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (cosines is < 1 or > 4096)
            throw new ArgumentOutOfRangeException(nameof(cosines), cosines, "Expected 1 … 4096 cosines.");
        (Name, Cosines) = (name, cosines);
    }

    /// <summary>What the parameters' names start with.</summary>
    public string Name { get; }

    /// <summary>How many cosines of τ there are.</summary>
    public int Cosines { get; }

    /// <summary>cos(π i τ) of each fraction.</summary>
    /// <param name="fractions">[n].</param>
    /// <param name="cosines">Destination, [n, <paramref name="count"/>].</param>
    /// <param name="count">How many of each.</param>
    internal static void Fill(ReadOnlySpan<float> fractions, Span<float> cosines, int count)
    {
        for (int row = 0; row < fractions.Length; row++)
            for (int i = 0; i < count; i++)
                cosines[row * count + i] = (float)Math.Cos(Math.PI * i * fractions[row]);
    }
}
