using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// State dicts in the safetensors format: eight bytes that give the length of a JSON header, the header (for each
/// tensor its type, shape and place, and <c>__metadata__</c>, a map of text to text), then the elements without gaps.
/// Source: the reference implementation, huggingface/safetensors, safetensors/src/tensor.rs.
/// <para>
/// Written as the reference does: tensors ordered by element type, the widest first, then by name, so that each begins
/// at a multiple of its element size; the order of the state dict is not kept. The header is padded to eight bytes.
/// </para>
/// <para>
/// Reading is strict, as the reference is: names occur once, the elements cover the rest of the file without gaps or
/// overlaps, and shapes and lengths agree. Tensors come in the order of their elements in the file. Reading allocates at
/// most 64 MiB and 10 times the file's length; a file has at most 100,000 tensors.
/// </para>
/// </summary>
public static class SafeTensorsFile
{
    /// <summary>Reads a state dict.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is no safetensors file, is damaged or truncated, or has an element type that <see cref="TensorType"/>
    /// lacks. The message says what and where.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static StateDict Read(string path) => Read(path, out _);

    /// <summary>Reads a state dict and the text map <c>__metadata__</c>, empty if there is none.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static StateDict Read(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        using FileStream file = File.OpenRead(path);
        return Read(file, out metadata);
    }

    /// <summary>Reads a state dict from the stream's position to its end.</summary>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    public static StateDict Read(Stream stream) => Read(stream, out _);

    /// <summary>Reads a state dict and <c>__metadata__</c> from the stream's position to its end.</summary>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    public static StateDict Read(Stream stream, out IReadOnlyDictionary<string, string> metadata)
    {
        var source = new ByteSource(stream);
        (StateDict result, metadata) = FileBoundary.Read(
            () => (Read(source, out IReadOnlyDictionary<string, string> text), text));
        return result;
    }

    /// <summary>
    /// Writes a state dict. The same tensors give the same bytes. The file appears whole or not at all: a temporary one
    /// beside it is flushed to disk and renamed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="stateDict">The tensors; none may be named <c>__metadata__</c>.</param>
    /// <param name="metadata">Text to keep beside the tensors, or null for none.</param>
    /// <exception cref="ArgumentException">A name is <c>__metadata__</c> or not valid Unicode.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    public static void Write(
        string path, StateDict stateDict, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        ReplacingFile.Write(path, stream => Write(stream, stateDict, metadata));
    }

    /// <summary>Writes a state dict to a stream, which need not seek.</summary>
    /// <exception cref="ArgumentException">A name is <c>__metadata__</c> or not valid Unicode.</exception>
    public static void Write(
        Stream stream, StateDict stateDict, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(stateDict);
        KeyValuePair<string, Tensor>[] tensors =
        [
            .. stateDict.OrderByDescending(item => SafeTensorsHeader.Rank(item.Value.Type))
                .ThenBy(item => item.Key, SafeTensorsHeader.Utf8Order),
        ];
        byte[] header = SafeTensorsHeader.Write(tensors, metadata);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((_, Tensor tensor) in tensors)
            stream.Write(tensor.Data);
    }

    internal static StateDict Read(ByteSource source, out IReadOnlyDictionary<string, string> metadata)
    {
        Span<byte> lengthBytes = stackalloc byte[sizeof(long)];
        source.Read(0, lengthBytes, "The header's length");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > SafeTensorsHeader.MaxSize || (long)length > source.Length - sizeof(long))
        {
            throw new InvalidDataException(
                $"Expected a safetensors header of at most {SafeTensorsHeader.MaxSize} bytes inside the file of " +
                $"{source.Length}, got a length of {length}.");
        }

        long start = sizeof(long) + (long)length;
        byte[] text = source.Read(sizeof(long), (long)length, "The header");
        SafeTensorsHeader header = SafeTensorsHeaderReader.Read(text, source.Budget);
        metadata = header.Metadata;
        var result = new StateDict();
        long expected = 0;
        header.Tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        foreach (SafeTensorsHeader.Entry entry in header.Tensors)
        {
            ImmutableArray<long> shape = ImmutableCollectionsMarshal.AsImmutableArray(entry.Shape);
            if (entry.Begin != expected)
            {
                throw new InvalidDataException(
                    $"Tensor {FileText.Quote(entry.Name)} begins at {entry.Begin}, expected {expected}: a gap or an " +
                    "overlap.");
            }

            // A header promises elements that the file must have, so its length bounds what is allocated.
            if (!TensorShape.TryCount(entry.Shape, out long count)
                || (Int128)count * Tensor.SizeOf(entry.Type) != (Int128)entry.End - entry.Begin)
            {
                throw new InvalidDataException(
                    $"Tensor {FileText.Quote(entry.Name)}, {entry.Type} {FileText.Shape(entry.Shape)}, does not have " +
                    $"the length of its data, {entry.Begin} to {entry.End}.");
            }

            byte[] data = source.Read(start + entry.Begin, entry.End - entry.Begin, "Tensor", entry.Name);
            result.Add(entry.Name, new Tensor(entry.Type, shape, data));
            expected = entry.End;
        }

        if (start + expected != source.Length)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"The tensors end at byte {start + expected}, but the file has {source.Length}."));
        }

        return result;
    }
}
