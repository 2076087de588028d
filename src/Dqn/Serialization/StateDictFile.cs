using System.Collections.Immutable;

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
    /// <exception cref="InvalidDataException">The content is of no known format, or damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static StateDict Read(string path) => Read(path, out _);

    /// <summary>
    /// Reads a state dict and the text kept beside it, which only safetensors files can have; empty if there is none.
    /// </summary>
    /// <exception cref="InvalidDataException">The content is of no known format, or damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static StateDict Read(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        metadata = ImmutableDictionary<string, string>.Empty;
        using FileStream file = File.OpenRead(path);
        var source = new ByteSource(file);
        Span<byte> start = stackalloc byte[(int)Math.Min(9, source.Length)];
        source.Read(0, start, "The first bytes");
        return start switch
        {
            // Safetensors first: the length that it begins with may look like anything.
            [_, _, _, _, _, _, _, _, (byte)'{'] => SafeTensorsFile.Read(source, out metadata),
            [(byte)'P', (byte)'K', ..] or [0x80, ..] => PyTorchFile.Read(source),
            _ => throw new InvalidDataException(
                $"Expected a PyTorch (.pt, .pth) or a safetensors file, got one of {source.Length} bytes that begins " +
                $"with hexadecimal '{Convert.ToHexString(start)}': {path}."),
        };
    }

    /// <summary>Writes a state dict in the format of the path's extension: .pt or .pth, or .safetensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stateDict">The tensors.</param>
    /// <param name="metadata">
    /// Text to keep beside the tensors, which a PyTorch file does without; null for none.
    /// </param>
    /// <exception cref="ArgumentException">Another extension, or the format cannot hold the tensors.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    public static void Write(
        string path, StateDict stateDict, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".pt" or ".pth":
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
}
