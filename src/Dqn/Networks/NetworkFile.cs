using System.Collections.Immutable;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>
/// A network in a file: its weights and, in a safetensors file, its architecture, as JSON in the metadata under
/// <c>architecture</c>, so that the file alone is enough to have the network again. A PyTorch file has weights only:
/// what network they belong to is named by the caller, or inferred from their names and shapes as far as these tell it. Layers
/// of your own are to be registered before, by <see cref="CustomLayer.Register"/>.
/// <para>
/// What is read is refused, with the tensor's name, if a number in it is not finite. Reading and the first evaluation
/// allocate at most 64 MiB and 10 times the file's length, whatever the file says; the caller's own architectures apart.
/// </para>
/// </summary>
/// <example><code>
/// using LoadedNetwork loaded = NetworkFile.Read("dqn.pt", new CnnActionValue(4, 5));
/// foreach (string assumption in loaded.Assumptions)
///     Console.WriteLine(assumption);
/// loaded.Network.Evaluate(observation, values);
/// </code></example>
public static class NetworkFile
{
    internal const string ArchitectureKey = "architecture";

    /// <summary>Writes a network's weights, and its architecture where both format and network have that.</summary>
    /// <param name="path">The file: .safetensors, or .pt or .pth for PyTorch.</param>
    /// <param name="network">The network.</param>
    /// <param name="metadata">
    /// What else a .safetensors file should say, for <see cref="LoadedNetwork.Metadata"/>; null: nothing.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Another extension, metadata for a PyTorch file, which keeps weights alone, or metadata named <c>architecture</c>.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    public static void Write(
        string path, IQNetwork network, ImmutableDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        StateDictFile.RequireNoMetadata(path, metadata ?? ImmutableDictionary<string, string>.Empty);
        bool keepsMetadata = !StateDictFile.IsPyTorch(path);
        StateDictFile.Write(path, network.GetStateDict(), WithArchitecture(network, metadata, keepsMetadata));
    }

    /// <summary>Writes a network's weights and its architecture to a stream, as a .safetensors file's content.</summary>
    /// <param name="stream">The destination.</param>
    /// <param name="network">The network.</param>
    /// <param name="metadata">What else it should say, for <see cref="LoadedNetwork.Metadata"/>; null: nothing.</param>
    /// <exception cref="ArgumentException">Metadata named <c>architecture</c>.</exception>
    public static void Write(
        Stream stream, IQNetwork network, ImmutableDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(network);
        SafeTensorsFile.Write(stream, network.GetStateDict(), WithArchitecture(network, metadata, keepsMetadata: true));
    }

    /// <summary>Reads a network from a file that says its architecture.</summary>
    /// <param name="path">The file; its format is recognised by its content.</param>
    /// <param name="options">Which network, and how it computes; null for the defaults.</param>
    /// <inheritdoc cref="Read(string, Sequential, NetworkFileOptions)" path="/exception"/>
    public static LoadedNetwork Read(string path, NetworkFileOptions? options = null) => Read(path, [], options);

    /// <summary>Reads a network for a task.</summary>
    /// <param name="path">The file; its format is recognised by its content.</param>
    /// <param name="expected">
    /// The network that the file should hold. If the file says another for the same observations and actions, that is
    /// read. If the file says none and its tensors are not the expected ones', a network for the same observations and
    /// actions is inferred from them, of convolutions and fully connected layers; <see cref="LoadedNetwork.Source"/> and
    /// <see cref="LoadedNetwork.Assumptions"/> tell.
    /// </param>
    /// <param name="options">Which network, and how it computes; null for the defaults.</param>
    /// <exception cref="InvalidDataException">
    /// The content is of no known format, damaged or too large; its tensors make up no network for the task, or have
    /// numbers that are not finite; or more than one network fits: the message lists them and says how to choose.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static LoadedNetwork Read(string path, Sequential expected, NetworkFileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return Read(path, [expected], options);
    }

    /// <summary>Reads a network for one of several tasks.</summary>
    /// <param name="path">The file; its format is recognised by its content.</param>
    /// <param name="expected">
    /// Networks that the file may hold. Of those whose tensors these are, it is taken for the first.
    /// </param>
    /// <param name="options">Which network, and how it computes; null for the defaults.</param>
    /// <inheritdoc cref="Read(string, Sequential, NetworkFileOptions)" path="/exception"/>
    public static LoadedNetwork Read(
        string path, ReadOnlySpan<Sequential> expected, NetworkFileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Sequential[] networks = [.. expected];
        if (networks.Contains(null))
            throw new ArgumentException("Expected no null among the networks.", nameof(expected));
        using FileStream file = File.OpenRead(path);
        return ReadFrom(file, networks, options ?? new NetworkFileOptions(), path);
    }

    /// <summary>Reads a network for one of several tasks from a stream: a resource, an upload.</summary>
    /// <param name="stream">The file's content; can be sought in.</param>
    /// <param name="expected">
    /// Networks that the file may hold. Of those whose tensors these are, it is taken for the first.
    /// </param>
    /// <param name="options">Which network, and how it computes; null for the defaults.</param>
    /// <inheritdoc cref="Read(string, Sequential, NetworkFileOptions)" path="/exception"/>
    public static LoadedNetwork Read(
        Stream stream, ReadOnlySpan<Sequential> expected, NetworkFileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ReadFrom(stream, [.. expected], options ?? new NetworkFileOptions());
    }

    /// <summary>What a file says beside its tensors, which are not read.</summary>
    /// <param name="path">The file; its format is recognised by its content. A .pt says nothing.</param>
    /// <exception cref="InvalidDataException">The content is of no known format, damaged or too large.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = File.OpenRead(path);
        return FileBoundary.Read(
            () =>
            {
                StateDictFile.ReadParts(new ByteSource(file), out IReadOnlyDictionary<string, string> metadata);
                return metadata;
            },
            path);
    }

    private static ImmutableDictionary<string, string>? WithArchitecture(
        IQNetwork network, ImmutableDictionary<string, string>? metadata, bool keepsMetadata)
    {
        metadata ??= ImmutableDictionary<string, string>.Empty;
        if (metadata.ContainsKey(ArchitectureKey))
        {
            throw new ArgumentException(
                $"Expected metadata without '{ArchitectureKey}', which is the network's.", nameof(metadata));
        }

        if (network.Architecture is { } architecture && keepsMetadata)
            metadata = metadata.Add(ArchitectureKey, ArchitectureText.Format(architecture));
        return metadata.IsEmpty ? null : metadata;
    }

    internal static LoadedNetwork ReadFrom(
        Stream stream, Sequential[] expected, NetworkFileOptions options, string? place = null) => FileBoundary.Read(
        () =>
        {
            var source = new ByteSource(stream);
            IReadOnlyList<StateDictPart> parts = StateDictFile.ReadParts(
                source, out IReadOnlyDictionary<string, string> metadata);
            return new NetworkReader(expected, options, metadata, source.Budget).Read(parts);
        },
        place);
}
