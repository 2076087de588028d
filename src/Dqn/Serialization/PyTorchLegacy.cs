using System.Buffers.Binary;
using System.Numerics;

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

    public static StateDict Read(ByteSource source)
    {
        var budget = new MemoryBudget(source.Length);
        byte[] file = source.Read(0, source.Length, "The file");
        var pickles = new PickleReader(file, "pickle");
        if (pickles.Read() is not BigInteger magic || magic != Magic)
            throw new InvalidDataException("Expected a PyTorch file, got another pickle: the magic number is missing.");
        if (pickles.Read() is not Protocol)
            throw new InvalidDataException($"Expected PyTorch's file protocol {Protocol}.");
        if (pickles.Read() is not PickleDictionary)
            throw new InvalidDataException("Expected a description of the system that wrote the file.");
        object? root = pickles.Read();
        if (pickles.Read() is not PickleList keys)
            throw new InvalidDataException("Expected the list of the storages' keys.");

        // The elements' sizes are known only to those who refer to them, so a storage's place needs its description.
        var types = new Dictionary<string, StorageReference>(StringComparer.Ordinal);
        if (root is PickleDictionary dictionary)
        {
            foreach ((_, object? value) in dictionary.Items)
                if (value is TensorReference { Storage: var storage })
                    types.TryAdd(storage.Key, storage);
        }

        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        long position = pickles.Position;
        foreach (object? item in keys.Items)
        {
            if (item is not string key || places.ContainsKey(key)
                || !types.TryGetValue(key, out StorageReference? storage))
            {
                break;
            }

            if (position > file.Length - sizeof(long))
                throw new InvalidDataException($"Storage '{key}' should be at {position}, but the file is truncated.");
            long count = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan((int)position));
            if (count != storage.RootCount)
            {
                throw new InvalidDataException(
                    $"Storage '{key}' has {storage.RootCount} elements by the pickle, but {count} at {position}.");
            }

            position += sizeof(long);
            Int128 length = (Int128)count * Tensor.SizeOf(storage.Type);
            if (length < 0 || length > file.Length - position)
            {
                throw new InvalidDataException(
                    $"Storage '{key}' should be {length} bytes at {position}, the file has {file.Length}: truncated.");
            }

            places.Add(key, (int)position);
            position += (long)length;
        }

        StateDict result = PickledStateDict.Build(root, Load, budget);
        if (places.Count != keys.Items.Count || position != file.Length)
        {
            throw new InvalidDataException(
                $"The file lists {keys.Items.Count} storages and has {file.Length} bytes; its tensors use " +
                $"{places.Count} of them, up to byte {position}.");
        }

        return result;

        byte[] Load(StorageReference storage)
        {
            if (!places.TryGetValue(storage.Key, out int place))
                throw new InvalidDataException($"The file does not hold storage '{storage.Key}'.");
            int length = checked((int)(storage.RootCount * Tensor.SizeOf(storage.Type)));
            budget.Take(length, $"Storage '{storage.Key}'");
            return file.AsSpan(place, length).ToArray();
        }
    }
}
