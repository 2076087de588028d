using System.Buffers.Binary;
using System.Numerics;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// PyTorch's format before 1.6, without a container: five pickles (magic number, protocol, system, the object, the
/// storages' keys), then for each key the number of elements (64 bits) and the elements, always little-endian.
/// Source: torch/serialization.py, <c>_legacy_load</c>.
/// </summary>
internal static class PyTorchLegacy
{
    private const long Protocol = 1001;
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356");

    /// <summary>The state dicts in the file, at least one.</summary>
    public static IReadOnlyList<StateDictPart> Read(ByteSource source)
    {
        byte[] file = source.Read(0, source.Length, "The file");
        var pickles = new PickleReader(file, "pickle", source.Budget);
        if (pickles.Read() is not BigInteger magic || magic != Magic)
            throw new InvalidDataException("Expected a PyTorch file, got another pickle: the magic number is missing.");
        if (pickles.Read() is not Protocol)
            throw new InvalidDataException($"Expected PyTorch's file protocol {Protocol}.");
        if (pickles.Read() is not PickleDictionary)
            throw new InvalidDataException("Expected a description of the system that wrote the file.");
        object? root = pickles.Read();
        if (pickles.Read() is not PickleList keys)
            throw new InvalidDataException("Expected the list of the storages' keys.");

        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        long position = pickles.Position;
        foreach (object? item in keys.Items)
        {
            // The elements' sizes are known only to those who refer to them: what nobody does ends the search.
            if (item is not string key || places.ContainsKey(key)
                || !pickles.Storages.TryGetValue(key, out StorageReference? storage))
            {
                break;
            }

            if (position > file.Length - sizeof(long))
            {
                throw new InvalidDataException(
                    $"Storage {FileText.Quote(key)} should be at {position}, but the file is truncated.");
            }

            long count = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan((int)position));
            if (count != storage.RootCount)
            {
                throw new InvalidDataException(
                    $"Storage {FileText.Quote(key)} has {storage.RootCount} elements by the pickle, but {count} at {position}.");
            }

            position += sizeof(long);
            Int128 length = (Int128)count * Tensor.SizeOf(storage.Type);
            if (length < 0 || length > file.Length - position)
            {
                throw new InvalidDataException(
                    $"Storage {FileText.Quote(key)} should be {length} bytes at {position}, the file has " +
                    $"{file.Length}: truncated.");
            }

            source.Budget.Take(MemoryBudget.Entry, "A storage");
            places.Add(key, (int)position);
            position += (long)length;
        }

        if (places.Count == keys.Items.Count && position != file.Length)
        {
            throw new InvalidDataException(
                $"The file lists {keys.Items.Count} storages, which end at byte {position}, but has {file.Length} bytes.");
        }

        return new PickledStateDict(Load, source.Budget).Parts(root);

        byte[] Load(StorageReference storage)
        {
            if (!places.TryGetValue(storage.Key, out int place))
            {
                throw new InvalidDataException(
                    $"The file does not hold storage {FileText.Quote(storage.Key)}, or not where it can be found: " +
                    $"{places.Count} of {keys.Items.Count} storages have a known type.");
            }

            Int128 length = (Int128)storage.RootCount * Tensor.SizeOf(storage.Type);
            return file.AsSpan(place, source.Budget.TakeArray(length, "Storage", storage.Key)).ToArray();
        }
    }
}
