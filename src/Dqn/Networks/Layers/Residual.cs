using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>
/// Layers whose outputs are added to their inputs: x + f(x), of the same shape. A <see cref="Relu"/> after it rectifies
/// the sum. Source: K. He et al., "Deep residual learning for image recognition" (2016).
/// </summary>
/// <example>
/// A block of the networks of L. Espeholt et al., "IMPALA" (2018), over 32 channels:
/// <code>
/// var block = new Residual(
/// [
///     new Relu(), new Conv2d("conv1", 32, 3, padding: 1), new Relu(), new Conv2d("conv2", 32, 3, padding: 1),
/// ]);
/// </code></example>
public sealed record Residual : Layer
{
    /// <summary>Describes a block.</summary>
    /// <param name="layers">f, at least one layer; it gives back the shape that it takes.</param>
    /// <exception cref="ArgumentException">No layers.</exception>
    public Residual(ImmutableArray<Layer> layers)
    {
        if (layers.IsDefaultOrEmpty)
            throw new ArgumentException("Expected at least one layer in a Residual, got none.", nameof(layers));
        Layers = layers;
    }

    /// <summary>The layers whose outputs are added.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <summary>Whether the blocks are of equal layers.</summary>
    public bool Equals(Residual? other) => other is not null && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Layers.Length, Layers[0], Layers[^1]);
}
