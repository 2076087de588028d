using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Networks;

/// <summary>A parameter of a <see cref="CustomLayer"/>: its name and shape, and how it starts.</summary>
public sealed class CustomParameter
{
    /// <summary>Describes a parameter that starts as you like.</summary>
    /// <param name="name">
    /// Its name in the state dict, not empty, no other parameter's: the layer's name, a dot and what it is,
    /// "gate.weight".
    /// </param>
    /// <param name="shape">PyTorch's, at least one axis, each at least 1.</param>
    /// <param name="initialize">
    /// Fills the numbers at first, row-major; zeros at the call. All of a network's parameters are drawn from one
    /// random stream, in order.
    /// </param>
    /// <exception cref="ArgumentException">An empty name or another shape.</exception>
    public CustomParameter(string name, ImmutableArray<int> shape, Action<Pcg64, Span<float>> initialize)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(initialize);
        if (shape.IsDefaultOrEmpty || shape.Any(axis => axis < 1))
        {
            throw new ArgumentException(
                $"Parameter '{name}': expected axes of at least 1, got {Sequential.Format(shape)}.", nameof(shape));
        }

        (Name, Shape, Initialize) = (name, shape, initialize);
    }

    /// <summary>Its name in the state dict.</summary>
    public string Name { get; }

    /// <summary>PyTorch's shape.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>Fills the numbers at first.</summary>
    public Action<Pcg64, Span<float>> Initialize { get; }

    /// <summary>A parameter that starts with one number everywhere.</summary>
    public static CustomParameter Constant(string name, ImmutableArray<int> shape, float value) =>
        new(name, shape, (_, values) => values.Fill(value));

    /// <summary>
    /// A parameter that starts uniform within ± <paramref name="bound"/>. PyTorch's linear layers and convolutions
    /// start with 1 / √(inputs of one output).
    /// </summary>
    public static CustomParameter Uniform(string name, ImmutableArray<int> shape, double bound) =>
        new(name, shape, (random, values) =>
        {
            foreach (ref float value in values)
                value = (float)random.Uniform(-bound, bound);
        });
}
