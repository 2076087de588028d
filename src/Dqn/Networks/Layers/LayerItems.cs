using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>The items that a <see cref="CustomLayer"/> is called for: a stretch of a batch.</summary>
/// <param name="Batch">How many, at least 1.</param>
/// <param name="InputShape">An item's before the layer: [channels, height, width] or [features].</param>
/// <param name="OutputShape">An item's after the layer.</param>
/// <param name="InputLength">Numbers of one item before the layer.</param>
/// <param name="OutputLength">Numbers of one item after the layer.</param>
public readonly record struct LayerItems(
    int Batch, ImmutableArray<int> InputShape, ImmutableArray<int> OutputShape, int InputLength, int OutputLength);
