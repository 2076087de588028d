using System.Collections.Immutable;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>
/// A network in a file: its weights and, in a safetensors file, its architecture, as JSON in the metadata under
/// <c>architecture</c>, so that the file alone is enough to have the network again. A PyTorch file has weights only;
/// its architecture is one that the caller names, or is taken from the shapes of its tensors, which tell all but the
/// strides. Layers of your own are to be registered before, by <see cref="CustomLayer.Register"/>.
/// </summary>
public static class NetworkFile
{
    private const string ArchitectureKey = "architecture";

    /// <summary>Writes a network's weights, and its architecture where both format and network have that.</summary>
    /// <param name="path">The file: .safetensors, or .pt or .pth for PyTorch.</param>
    /// <param name="network">The network.</param>
    /// <param name="metadata">
    /// What else a .safetensors file should say, for
    /// <see cref="Read(string, ReadOnlySpan{Sequential}, out IReadOnlyDictionary{string, string}, QNetworkOptions?)"/>;
    /// null: nothing.
    /// </param>
    /// <exception cref="ArgumentException">Another extension, or metadata named <c>architecture</c>.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    public static void Write(
        string path, IQNetwork network, ImmutableDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        metadata ??= ImmutableDictionary<string, string>.Empty;
        if (metadata.ContainsKey(ArchitectureKey))
        {
            throw new ArgumentException(
                $"Expected metadata without '{ArchitectureKey}', which is the network's.", nameof(metadata));
        }

        if (network.Architecture is { } architecture)
            metadata = metadata.Add(ArchitectureKey, ArchitectureText.Format(architecture));
        StateDictFile.Write(path, network.GetStateDict(), metadata.IsEmpty ? null : metadata);
    }

    /// <summary>
    /// Reads a network. Where the file does not say its architecture and its tensors are not those of the usual one, it
    /// is taken for convolutions and fully connected layers with rectifiers between, with strides of half the kernel's
    /// size, or 1 for a kernel of up to 3: so are <see cref="CnnActionValue"/> and <see cref="MlpActionValue"/>.
    /// </summary>
    /// <param name="path">The file; its format is recognised by its content.</param>
    /// <param name="usual">
    /// A network for the same observations and actions; what a file is expected to hold whose tensors tell nothing.
    /// </param>
    /// <param name="options">How the network learns and computes; null for the defaults.</param>
    /// <exception cref="InvalidDataException">
    /// The content is of no known format or damaged, or its tensors do not make up the network it should be.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static QNetwork Read(string path, Sequential usual, QNetworkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(usual);
        return Read(path, [usual], options);
    }

    /// <summary>Reads a network for one of several sizes of observations.</summary>
    /// <param name="path">The file; its format is recognised by its content.</param>
    /// <param name="usual">
    /// A network for each, at least one. Of those that the content fits it is taken for the first.
    /// </param>
    /// <param name="options">How the network learns and computes; null for the defaults.</param>
    /// <inheritdoc cref="Read(string, Sequential, QNetworkOptions)" path="/exception"/>
    public static QNetwork Read(string path, ReadOnlySpan<Sequential> usual, QNetworkOptions? options = null) =>
        Read(path, usual, out _, options);

    /// <summary>Reads a network and what else the file says.</summary>
    /// <param name="path">The file; its format is recognised by its content.</param>
    /// <param name="usual">
    /// A network for each size of observations, at least one. Of those that the content fits it is taken for the first.
    /// </param>
    /// <param name="metadata">What a .safetensors file says; empty for a PyTorch file.</param>
    /// <param name="options">How the network learns and computes; null for the defaults.</param>
    /// <inheritdoc cref="Read(string, Sequential, QNetworkOptions)" path="/exception"/>
    public static QNetwork Read(
        string path, ReadOnlySpan<Sequential> usual, out IReadOnlyDictionary<string, string> metadata,
        QNetworkOptions? options = null)
    {
        if (usual.IsEmpty)
            throw new ArgumentException("Expected at least one usual network, got none.", nameof(usual));
        StateDict weights = StateDictFile.Read(path, out metadata);
        Exception? first = null;
        if (!metadata.ContainsKey(ArchitectureKey) && MakeUsual(weights, usual, options) is { } network)
            return network;
        foreach (Sequential one in usual)
        {
            try
            {
                return MakeAsTold(weights, metadata, one, options);
            }
            catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
            {
                first ??= exception;
            }
        }

        throw new InvalidDataException($"{path}: {first!.Message}", first);
    }

    // The first network whose tensors these are.
    private static QNetwork? MakeUsual(StateDict weights, ReadOnlySpan<Sequential> usual, QNetworkOptions? options)
    {
        foreach (Sequential one in usual)
        {
            try
            {
                return Make(weights, one, options);
            }
            catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
            {
                // The next one, then.
            }
        }

        return null;
    }

    // By what the metadata say, else by what the shapes suggest.
    private static QNetwork MakeAsTold(
        StateDict weights, IReadOnlyDictionary<string, string> metadata, Sequential usual, QNetworkOptions? options)
    {
        Sequential architecture = metadata.TryGetValue(ArchitectureKey, out string? text)
            ? ArchitectureText.Parse(text)
            : ArchitectureOf(weights, usual);
        RequireSameTask(architecture, usual);
        return Make(weights, architecture, options);
    }

    private static QNetwork Make(StateDict weights, Sequential architecture, QNetworkOptions? options)
    {
        RequireSizes(architecture, weights);
        var network = new QNetwork(architecture, new Pcg64(0), options);
        try
        {
            network.LoadStateDict(weights);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static Sequential ArchitectureOf(StateDict weights, Sequential usual)
    {
        // In their order, which PyTorch keeps and safetensors makes alphabetic: conv1, conv2, fc1, fc2 either way.
        var tensors = weights.Where(item => item.Key.EndsWith(".weight", StringComparison.Ordinal))
            .OrderByDescending(item => item.Value.Shape.Length);
        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach ((string name, Tensor tensor) in tensors)
        {
            Layer? layer = (name[..^".weight".Length], tensor.Shape) switch
            {
                (var conv, [var filters and < int.MaxValue, _, var rows and < int.MaxValue, var columns])
                    when rows == columns =>
                    new Conv2d(conv, (int)filters, (int)rows, rows <= 3 ? 1 : (int)rows / 2, bias: HasBias(conv)),
                (var linear, [var features and < int.MaxValue, _]) => new Linear(linear, (int)features, HasBias(linear)),
                _ => null,
            };
            if (layer is null)
                return usual; // Its names and shapes are then what an error tells.
            bool afterImages = layers.Count == 0 ? usual.ObservationShape.Length > 1 : layers[^1] is Conv2d;
            if (layers.Count > 0)
                layers.Add(new Relu());
            if (layer is Linear && afterImages)
                layers.Add(new Flatten());
            layers.Add(layer);
        }

        if (layers.Count == 0)
            return usual;
        return new Sequential(usual.ObservationShape, usual.Pixels, layers.ToImmutable());

        bool HasBias(string layer) => weights.TryGet($"{layer}.bias", out _);
    }

    private static void RequireSameTask(Sequential architecture, Sequential usual)
    {
        if (architecture.Pixels != usual.Pixels || architecture.ActionCount != usual.ActionCount
            || !architecture.ObservationShape.AsSpan().SequenceEqual(usual.ObservationShape.AsSpan()))
        {
            throw new InvalidDataException(
                $"Expected a network for {Describe(usual)}, got one for {Describe(architecture)}.");
        }

        static string Describe(Sequential network) =>
            $"{(network.Pixels ? "pixels" : "numbers")} {Sequential.Format(network.ObservationShape)} and " +
            $"{network.ActionCount} actions";
    }

    /// <summary>So that what a file says never makes a network much larger than the tensors that it has.</summary>
    private static void RequireSizes(Sequential architecture, StateDict weights)
    {
        LayerShapes shapes = new();
        shapes.Follow(architecture.Layers, architecture.ObservationShape, "Layer");
        foreach ((string name, ImmutableArray<int> shape) in shapes.Parameters)
        {
            if (!weights.TryGet(name, out Tensor? tensor))
                throw new InvalidDataException($"Expected a tensor '{name}', got {string.Join(", ", weights.Names)}.");
            if (!tensor.Shape.SequenceEqual(shape.Select(axis => (long)axis)))
            {
                throw new InvalidDataException(
                    $"Tensor '{name}': expected the shape {Sequential.Format(shape)}, got {Tensor.Format(tensor.Shape)}.");
            }
        }
    }
}
