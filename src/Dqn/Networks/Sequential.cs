using System.Collections.Immutable;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// An architecture: the observation's shape and the layers it passes through, the last of which values the actions.
/// <see cref="CnnActionValue"/> and <see cref="MlpActionValue"/> are ready ones; another image size, stack or depth is
/// another list of layers.
/// </summary>
public record Sequential
{
    /// <summary>Describes a network.</summary>
    /// <param name="observationShape">
    /// [channels, height, width] for pixels, [features] for numbers; each axis at least 1.
    /// </param>
    /// <param name="pixels">
    /// True: an observation is bytes, which the network divides by 255. False: 32-bit floats, taken as they are.
    /// </param>
    /// <param name="layers">
    /// The layers in order; the last is a <see cref="Linear"/>, <see cref="NoisyLinear"/>, <see cref="Dueling"/> or
    /// <see cref="CustomLayer"/> whose features are the actions, or the actions' atoms, [actions, atoms]. With an
    /// <see cref="ImplicitQuantileDistribution"/> they are the actions, and a <see cref="QuantileEmbedding"/> stands before.
    /// </param>
    /// <param name="distribution">
    /// What an action's atoms say about its return; null for a <see cref="SingleValue"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Shapes that do not fit each other, a name used twice, or another layer at the end; the message says where.
    /// </exception>
    public Sequential(
        ImmutableArray<int> observationShape, bool pixels, ImmutableArray<Layer> layers,
        ValueDistribution? distribution = null)
    {
        if (observationShape.IsDefault || observationShape.Length is not (1 or 3))
        {
            throw new ArgumentException(
                $"Expected [channels, height, width] or [features], got {Format(observationShape)}.",
                nameof(observationShape));
        }

        foreach (int axis in observationShape)
            if (axis < 1)
            {
                throw new ArgumentException(
                    $"Expected axes of at least 1, got {Format(observationShape)}.", nameof(observationShape));
            }

        Int128 numbers = 1;
        foreach (int axis in observationShape)
            numbers *= axis;
        if (numbers * (pixels ? 1 : sizeof(float)) > Array.MaxLength)
        {
            throw new ArgumentException(
                $"Expected observations of at most {Array.MaxLength} bytes, got {Format(observationShape)}.",
                nameof(observationShape));
        }

        distribution ??= new SingleValue();
        int atoms = distribution.Features;
        switch (layers.IsDefaultOrEmpty ? null : layers[^1])
        {
            case Dueling dueling when dueling.Atoms != atoms:
                throw new ArgumentException(
                    $"Expected the Dueling's value to have {atoms} features, got {dueling.Atoms}.", nameof(layers));
            case Linear or NoisyLinear or Dueling or CustomLayer:
                break;
            case var last:
                throw new ArgumentException(
                    "Expected the last layer to be a Linear, NoisyLinear, Dueling or CustomLayer, whose features are the " +
                    $"actions, got {last?.GetType().Name ?? "none"}.",
                    nameof(layers));
        }

        (ObservationShape, Pixels, Layers, Distribution) = (observationShape, pixels, layers, distribution);
        ImmutableArray<int> features = new LayerShapes().Follow(layers, observationShape, "Layer");
        RequireEmbedding(layers, distribution);
        if (features.Length != 1)
            throw new ArgumentException($"Expected the last layer to give features, got {Format(features)}.", nameof(layers));
        if (features[0] % atoms != 0)
        {
            throw new ArgumentException(
                $"Expected the last layer to have {atoms} features for each action, got {features[0]}.", nameof(layers));
        }

        ActionCount = features[0] / atoms;
    }

    /// <summary>[channels, height, width] or [features].</summary>
    public ImmutableArray<int> ObservationShape { get; }

    /// <summary>Whether an observation is bytes, divided by 255, rather than floats.</summary>
    public bool Pixels { get; }

    /// <summary>The layers in order.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <summary>What is said about each action's return, and how it is learnt.</summary>
    public ValueDistribution Distribution { get; }

    /// <summary>How many actions are valued.</summary>
    public int ActionCount { get; }

    /// <summary>How many numbers an observation has.</summary>
    public int ObservationLength
    {
        get
        {
            int length = 1;
            foreach (int axis in ObservationShape)
                length = checked(length * axis);
            return length;
        }
    }

    /// <summary>How many bytes an observation takes.</summary>
    public int ObservationBytes => checked(ObservationLength * (Pixels ? 1 : sizeof(float)));

    /// <summary>Equal in kind, shape, layers and distribution.</summary>
    public virtual bool Equals(Sequential? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && EqualityContract == other.EqualityContract && Pixels == other.Pixels &&
        Distribution == other.Distribution && ObservationShape.SequenceEqual(other.ObservationShape) &&
        Layers.SequenceEqual(other.Layers));

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(EqualityContract, Pixels, ObservationLength, Layers.Length, ActionCount, Distribution);

    private static void RequireEmbedding(ImmutableArray<Layer> layers, ValueDistribution distribution)
    {
        int count = layers.Count(layer => layer is QuantileEmbedding);
        bool wanted = distribution is ImplicitQuantileDistribution;
        if (count == (wanted ? 1 : 0))
            return;
        throw new ArgumentException(
            wanted
                ? $"Expected one {nameof(QuantileEmbedding)} among the layers, before the last, for an " +
                    $"{nameof(ImplicitQuantileDistribution)}, got {count}."
                : $"Expected an {nameof(ImplicitQuantileDistribution)} for the {nameof(QuantileEmbedding)}, got a " +
                    $"{distribution}.",
            nameof(layers));
    }

    internal static string Format(ImmutableArray<int> shape) =>
        shape.IsDefault ? "no shape" : $"[{string.Join(", ", shape)}]";
}
