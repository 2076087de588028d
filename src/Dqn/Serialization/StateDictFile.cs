using System.Collections.Immutable;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// State dicts in files of either format: <see cref="PyTorchFile"/>'s or <see cref="SafeTensorsFile"/>'s.
/// </summary>
/// <example>
/// <code>
/// StateDict weights = StateDictFile.Read("dqn-CarRacing.pt");
/// foreach ((string name, Tensor tensor) in weights)
///     Console.WriteLine($"{name}: {tensor}"); // conv1.weight: Float32 [32, 4, 8, 8] …
/// float[] bias = weights["fc2.bias"].ToSingles();
/// StateDictFile.Write("dqn-CarRacing.safetensors", weights);
/// </code>
/// </example>
public static class StateDictFile
{
    /// <summary>Reads a state dict; the format is recognised by the file's content, whatever its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">
    /// Which of several to read: what its tensors' names begin with, left out of the names that are returned.
    /// <c>model_state_dict</c> of a checkpoint with several, <c>q_net</c> of a state dict with <c>q_net.fc1.weight</c>,
    /// <c>model.q_net</c> where both apply. Null, the default: a checkpoint's only state dict, or that of the online
    /// network if the names say which that is.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The content is of no known format, damaged, or would take more memory than 64 MiB and 10 times its length; it
    /// holds several state dicts and nothing says which; or none has the prefix.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static StateDict Read(string path, string? prefix = null) => Read(path, out _, prefix);

    /// <summary>
    /// Reads a state dict and the text kept beside it, which only safetensors files can have; empty if there is none.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">The text.</param>
    /// <param name="prefix">Which of several to read, as above; null: the only one.</param>
    /// <inheritdoc cref="Read(string, string?)" path="/exception"/>
    public static StateDict Read(
        string path, out IReadOnlyDictionary<string, string> metadata, string? prefix = null)
    {
        using FileStream file = File.OpenRead(path);
        (StateDict result, metadata) = FileBoundary.Read(
            () =>
            {
                IReadOnlyList<StateDictPart> parts = ReadParts(new ByteSource(file), out var text);
                return (StateDictPart.Choose(parts, prefix), text);
            },
            path);
        return result;
    }

    /// <summary>All state dicts in a file, at least one.</summary>
    internal static IReadOnlyList<StateDictPart> ReadParts(
        ByteSource source, out IReadOnlyDictionary<string, string> metadata)
    {
        metadata = ImmutableDictionary<string, string>.Empty;
        Span<byte> start = stackalloc byte[(int)Math.Min(9, source.Length)];
        source.Read(0, start, "The first bytes");
        switch (start)
        {
            // Safetensors first: the length that it begins with may look like anything.
            case [_, _, _, _, _, _, _, _, (byte)'{']:
                StateDict tensors = SafeTensorsFile.Read(source, out metadata);
                return [new StateDictPart("", () => tensors)];
            case [(byte)'P', (byte)'K', ..] or [0x80, ..]:
                return PyTorchFile.ReadParts(source);
            default:
                throw new InvalidDataException(
                    $"Expected a PyTorch (.pt, .pth) or a safetensors file, got one of {source.Length} bytes that " +
                    $"begins with hexadecimal '{Convert.ToHexString(start)}'.");
        }
    }

    /// <summary>Writes a state dict in the format of the path's extension: .pt or .pth, or .safetensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stateDict">The tensors.</param>
    /// <param name="metadata">
    /// Text to keep beside the tensors, for a .safetensors file alone; null or empty for none.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Another extension, metadata for a PyTorch file, or the format cannot hold the tensors.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    public static void Write(
        string path, StateDict stateDict, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case var _ when IsPyTorch(path):
                RequireNoMetadata(path, metadata);
                PyTorchFile.Write(path, stateDict);
                break;
            case ".safetensors":
                SafeTensorsFile.Write(path, stateDict, metadata);
                break;
            default:
                throw new ArgumentException(
                    $"Expected a file name that ends in .pt, .pth or .safetensors, got '{path}'.", nameof(path));
        }
    }

    /// <summary>Whether a file of that name is written as PyTorch's.</summary>
    internal static bool IsPyTorch(string path) => Path.GetExtension(path).ToLowerInvariant() is ".pt" or ".pth";

    /// <summary>Metadata that the format would lose in silence are an error.</summary>
    /// <exception cref="ArgumentException">There are metadata, and the file is PyTorch's.</exception>
    internal static void RequireNoMetadata(string path, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is { Count: > 0 } && IsPyTorch(path))
        {
            throw new ArgumentException(
                $"Expected no metadata for '{path}', got {FileText.List([.. metadata.Keys])}: a PyTorch file keeps weights alone. " +
                "Name the file .safetensors, or leave the metadata out.", nameof(metadata));
        }
    }
}
