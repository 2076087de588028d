using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// What <see cref="CnnActionValue"/>, <see cref="SmallCnnActionValue"/>, <see cref="CompactCnnActionValue"/>,
/// <see cref="TinyCnnActionValue"/> and <see cref="MlpActionValue"/> may have beyond the plain network; each stands alone or
/// with the others. Default: nothing.
/// </summary>
/// <example><code>
/// var options = new ActionValueOptions { Dueling = true, Distribution = new QuantileDistribution(51) };
/// var architecture = new MlpActionValue(4, 2, options, 64);
/// </code></example>
public sealed record ActionValueOptions
{
    /// <summary>
    /// Whether the last hidden layer is two, one for the state's value and one for the actions' advantages
    /// (<see cref="Networks.Dueling"/>): <c>value1</c>, <c>value2</c>, <c>advantage1</c> and <c>advantage2</c> instead
    /// of the last two <c>fc</c>. Default false.
    /// </summary>
    public bool Dueling { get; init; }

    /// <summary>
    /// Whether the numbers before each rectifier are normalised (<see cref="Networks.LayerNorm"/>): <c>conv1_norm</c>,
    /// … after the layers' names. Default false.
    /// </summary>
    public bool LayerNorm { get; init; }

    /// <summary>Whether fully connected layers are <see cref="NoisyLinear"/>. Default false.</summary>
    public bool Noisy { get; init; }

    /// <summary>
    /// What is said about each action's return, and how it is learnt. Default <see cref="SingleValue"/>, which null stands
    /// for.
    /// </summary>
    [AllowNull]
    public ValueDistribution Distribution
    {
        get;
        init => field = value ?? new SingleValue();
    } = new SingleValue();

    /// <summary>Convolutions, then fully connected layers of the sizes given, then the actions.</summary>
    internal ImmutableArray<Layer> Describe(
        ReadOnlySpan<Conv2d> convolutions, ReadOnlySpan<int> hidden, int actions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 1);
        int atoms = Distribution.Atoms, plain = Dueling ? Math.Max(hidden.Length - 1, 0) : hidden.Length;
        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach (Conv2d convolution in convolutions)
            AddRectified(layers, convolution.Name, convolution);
        if (!convolutions.IsEmpty)
            layers.Add(new Flatten());
        for (int i = 0; i < plain; i++)
            AddRectified(layers, $"fc{i + 1}", FullyConnected($"fc{i + 1}", hidden[i]));
        if (Dueling)
        {
            ReadOnlySpan<int> last = hidden[plain..];
            layers.Add(new Dueling(Stream("value", last, atoms), Stream("advantage", last, checked(actions * atoms))));
        }
        else
        {
            layers.Add(FullyConnected($"fc{plain + 1}", checked(actions * atoms)));
        }

        return layers.ToImmutable();
    }

    private ImmutableArray<Layer> Stream(string name, ReadOnlySpan<int> hidden, int features)
    {
        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach (int size in hidden)
            AddRectified(layers, $"{name}1", FullyConnected($"{name}1", size));
        layers.Add(FullyConnected($"{name}{hidden.Length + 1}", features));
        return layers.ToImmutable();
    }

    private void AddRectified(ImmutableArray<Layer>.Builder layers, string name, Layer layer)
    {
        layers.Add(layer);
        if (LayerNorm)
            layers.Add(new LayerNorm($"{name}_norm"));
        layers.Add(new Relu());
    }

    private Layer FullyConnected(string name, int features) =>
        Noisy ? new NoisyLinear(name, features) : new Linear(name, features);
}
