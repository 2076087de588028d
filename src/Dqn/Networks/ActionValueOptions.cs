using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// What <see cref="CnnActionValue"/>, <see cref="SmallCnnActionValue"/>, <see cref="CompactCnnActionValue"/>,
/// <see cref="ImpalaCnnActionValue"/> and <see cref="MlpActionValue"/> may have beyond the plain network; each stands alone or with the others. Default:
/// nothing.
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
    /// for. With an <see cref="ImplicitQuantileDistribution"/> a <see cref="QuantileEmbedding"/> named <c>embedding</c>
    /// follows the convolutions, or without any the first hidden layer.
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
        var torso = ImmutableArray.CreateBuilder<Layer>();
        foreach (Conv2d convolution in convolutions)
            AddRectified(torso, convolution.Name, convolution);
        if (!convolutions.IsEmpty)
            torso.Add(new Flatten());
        return DescribeHead(torso.ToImmutable(), hidden, actions);
    }

    /// <summary>Layers that give features, then fully connected ones of the sizes given, then the actions.</summary>
    internal ImmutableArray<Layer> DescribeHead(ImmutableArray<Layer> torso, ReadOnlySpan<int> hidden, int actions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 1);
        int atoms = Distribution.Features, plain = Dueling ? Math.Max(hidden.Length - 1, 0) : hidden.Length;
        bool embeds = Distribution is ImplicitQuantileDistribution;
        if (embeds && torso.IsEmpty && plain == 0)
        {
            throw new ArgumentException(
                $"Expected a hidden layer before the embedding of an {nameof(ImplicitQuantileDistribution)}, got none: give " +
                $"{(Dueling ? "two hidden layers, the last of which is the streams'" : "one hidden layer or more")}.",
                nameof(hidden));
        }

        var layers = ImmutableArray.CreateBuilder<Layer>();
        layers.AddRange(torso);
        for (int i = 0; i < plain; i++)
        {
            if (embeds && i == (torso.IsEmpty ? 1 : 0))
                AddEmbedding(layers);
            AddRectified(layers, $"fc{i + 1}", FullyConnected($"fc{i + 1}", hidden[i]));
        }

        if (embeds && plain == (torso.IsEmpty ? 1 : 0))
            AddEmbedding(layers);
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

    /// <summary>A layer and what stands before the rectifier after it, without that.</summary>
    internal IEnumerable<Layer> Normalized(string name, Layer layer) =>
        LayerNorm ? [layer, new LayerNorm($"{name}_norm")] : [layer];

    private static void AddEmbedding(ImmutableArray<Layer>.Builder layers) =>
        layers.Add(new QuantileEmbedding("embedding"));

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
        layers.AddRange(Normalized(name, layer));
        layers.Add(new Relu());
    }

    private Layer FullyConnected(string name, int features) =>
        Noisy ? new NoisyLinear(name, features) : new Linear(name, features);
}
