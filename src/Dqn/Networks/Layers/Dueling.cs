using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>
/// Two streams of layers from the same features: the state's value v and the actions' advantages a, joined to
/// v + a − mean a. The last layer of a network. Source: Z. Wang et al., "Dueling network architectures for deep
/// reinforcement learning" (2016). Where actions have distributions, so have the streams: the sum is atom by atom.
/// </summary>
/// <example><code>
/// var streams = new Dueling(
///     [new Linear("value1", 512), new Relu(), new Linear("value2", 1)],
///     [new Linear("advantage1", 512), new Relu(), new Linear("advantage2", actions)]);
/// </code></example>
public sealed record Dueling : Layer
{
    /// <summary>Describes the streams.</summary>
    /// <param name="value">
    /// Layers over features; the last is a <see cref="Linear"/> or <see cref="NoisyLinear"/> to one feature, or to one
    /// for each atom.
    /// </param>
    /// <param name="advantage">Likewise, to as many features for each action.</param>
    /// <exception cref="ArgumentException">
    /// A stream that is empty or ends with another layer, or features that do not fit each other.
    /// </exception>
    public Dueling(ImmutableArray<Layer> value, ImmutableArray<Layer> advantage)
    {
        (Value, Advantage) = (value, advantage);
        (int values, int advantages) = (FeaturesOf(value, nameof(value)), FeaturesOf(advantage, nameof(advantage)));
        if (advantages % values != 0)
        {
            throw new ArgumentException(
                $"Expected {values} features for each action, as the value has, got {advantages}.", nameof(advantage));
        }
    }

    /// <summary>The state's value.</summary>
    public ImmutableArray<Layer> Value { get; }

    /// <summary>The actions' advantages.</summary>
    public ImmutableArray<Layer> Advantage { get; }

    /// <summary>How many features the value has: 1, or the atoms of its distribution.</summary>
    internal int Atoms => FeaturesOf(Value, nameof(Value));

    internal int Features => FeaturesOf(Advantage, nameof(Advantage));

    /// <summary>Whether the streams are of equal layers.</summary>
    public bool Equals(Dueling? other) =>
        other is not null && Value.SequenceEqual(other.Value) && Advantage.SequenceEqual(other.Advantage);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Value[^1], Advantage[^1]);

    private static int FeaturesOf(ImmutableArray<Layer> stream, string name) =>
        (stream.IsDefaultOrEmpty ? null : stream[^1]) switch
        {
            Linear linear => linear.Features,
            NoisyLinear noisy => noisy.Features,
            _ => throw new ArgumentException("Expected layers that end with a Linear or NoisyLinear.", name),
        };
}
