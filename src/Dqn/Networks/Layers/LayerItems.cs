using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>The items that a <see cref="CustomLayer"/> is called for: a stretch of a batch.</summary>
/// <param name="Batch">How many, at least 1.</param>
/// <param name="InputShape">An item's before the layer: [channels, height, width] or [features].</param>
/// <param name="OutputShape">An item's after the layer.</param>
/// <param name="InputLength">Numbers of one item before the layer.</param>
/// <param name="OutputLength">Numbers of one item after the layer.</param>
public readonly record struct LayerItems(
    int Batch, ImmutableArray<int> InputShape, ImmutableArray<int> OutputShape, int InputLength, int OutputLength)
{
    /// <summary>Equal in every number.</summary>
    public bool Equals(LayerItems other) =>
        (Batch, InputLength, OutputLength) == (other.Batch, other.InputLength, other.OutputLength) &&
        InputShape.AsSpan().SequenceEqual(other.InputShape.AsSpan()) &&
        OutputShape.AsSpan().SequenceEqual(other.OutputShape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Batch, InputLength, OutputLength);
}
