using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// State dicts in PyTorch's format, <c>torch.save(model.state_dict(), "model.pt")</c> and <c>torch.load</c>. Reads the
/// ZIP format (since PyTorch 1.6) and the one before it; writes the ZIP format.
/// <para>
/// These files are Python pickles, which can run code when Python loads them. Here nothing is run: a small machine
/// knows what a dictionary of tensors needs and skips the rest. A checkpoint, <c>{"model": …, "optimizer": …, "epoch":
/// …}</c>, is read as the one state dict in it; of an online and a target network the online one is read, if their names
/// say which it is.
/// </para>
/// <para>
/// Reading allocates at most 64 MiB and 10 times the file's length, whatever the file says; a file has at most 100,000
/// tensors. Two tensors that both are the whole of one storage (tied weights) share one <see cref="Tensor.Data"/>; all
/// others are copies.
/// </para>
/// </summary>
/// <example><code>
/// StateDict weights = PyTorchFile.Read("model.pt");
/// PyTorchFile.Write("copy.pt", weights);
/// </code></example>
public static class PyTorchFile
{
    /// <summary>Reads a state dict.</summary>
    /// <param name="path">A file that <c>torch.save</c> or <see cref="Write(string, StateDict)"/> wrote.</param>
    /// <exception cref="InvalidDataException">
    /// The file is no PyTorch file, is damaged or truncated, or holds no state dict whose tensors have a
    /// <see cref="TensorType"/>, or several of which none is recognisable as the online network's. The message says what
    /// and where.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static StateDict Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Read(file);
    }

    /// <summary>Reads a state dict from the stream's position to its end.</summary>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    public static StateDict Read(Stream stream)
    {
        var source = new ByteSource(stream);
        return FileBoundary.Read(() => StateDictPart.Choose(ReadParts(source), prefix: null));
    }

    /// <summary>
    /// Writes a state dict that <c>torch.load</c> accepts, also with <c>weights_only=True</c>. The same tensors give
    /// the same bytes. The file appears whole or not at all: a temporary one beside it is flushed to disk and renamed.
    /// </summary>
    /// <exception cref="ArgumentException">The tensors need 4 GiB or more, or a name is not valid Unicode.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    public static void Write(string path, StateDict stateDict)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        ReplacingFile.Write(path, stream => Write(stream, stateDict));
    }

    /// <summary>Writes what <see cref="Write(string, StateDict)"/> writes to a stream, which need not seek.</summary>
    /// <exception cref="ArgumentException">The tensors need 4 GiB or more, or a name is not valid Unicode.</exception>
    public static void Write(Stream stream, StateDict stateDict)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(stateDict);
        PyTorchZip.Write(stream, stateDict);
    }

    /// <summary>The state dicts in the file, at least one.</summary>
    internal static IReadOnlyList<StateDictPart> ReadParts(ByteSource source)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(4, source.Length)];
        source.Read(0, start, "The first bytes");
        return start switch
        {
            [(byte)'P', (byte)'K', 3 or 5, _] => PyTorchZip.Read(source),
            [0x80, >= 2 and <= 5, ..] => PyTorchLegacy.Read(source),
            _ => throw new InvalidDataException(
                $"Expected a PyTorch file (beginning with 'PK', or hexadecimal 80 and a pickle protocol), got one of " +
                $"{source.Length} bytes that begins with hexadecimal '{Convert.ToHexString(start)}'."),
        };
    }
}
