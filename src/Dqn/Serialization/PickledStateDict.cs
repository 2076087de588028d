using System.Collections.Immutable;

namespace Dqn.Serialization;

/// <summary>From the values of a pickle to tensors.</summary>
internal static class PickledStateDict
{
    /// <summary>Checks that the pickled value is a state dict and gives its tensors their elements.</summary>
    /// <param name="root">What the pickle held.</param>
    /// <param name="load">The bytes of a storage, little-endian; asked once for each key.</param>
    /// <param name="budget">How much memory the tensors may take.</param>
    /// <exception cref="InvalidDataException">The value is something else, or a view leaves its storage.</exception>
    public static StateDict Build(object? root, Func<StorageReference, byte[]> load, MemoryBudget budget)
    {
        if (root is not PickleDictionary dictionary)
            throw new InvalidDataException($"Expected a state dict (a dictionary of tensors), got {Describe(root)}.");
        var storages = new Dictionary<string, (StorageReference First, byte[] Data)>(StringComparer.Ordinal);
        var result = new StateDict();
        foreach ((object? key, object? value) in dictionary.Items)
        {
            if (key is not string name)
                throw new InvalidDataException($"Expected names as keys of the state dict, got {Describe(key)}.");
            if (value is not TensorReference tensor)
                throw new InvalidDataException(NotATensor(name, value));
            if (result.TryGet(name, out _))
                throw new InvalidDataException($"The name '{name}' occurs twice.");
            result.Add(name, Materialise(name, tensor));
        }

        return result;

        Tensor Materialise(string name, TensorReference tensor)
        {
            StorageReference storage = tensor.Storage;
            if (!storages.TryGetValue(storage.Key, out (StorageReference First, byte[] Data) entry))
                storages[storage.Key] = entry = (storage, load(storage));
            if (entry.First.Type != storage.Type || entry.First.RootCount != storage.RootCount)
            {
                throw new InvalidDataException(
                    $"Storage '{storage.Key}' is described as {entry.First.RootCount} × {entry.First.Type} and as " +
                    $"{storage.RootCount} × {storage.Type}.");
            }

            return View(name, tensor, entry.Data, budget);
        }
    }

    private static Tensor View(string name, TensorReference tensor, byte[] data, MemoryBudget budget)
    {
        StorageReference storage = tensor.Storage;
        int size = Tensor.SizeOf(storage.Type);
        ImmutableArray<long> shape = [.. tensor.Shape];
        if (!TensorShape.TryCount(tensor.Shape, out long count))
            throw new InvalidDataException($"Tensor '{name}' has an impossible shape, {Tensor.Format(shape)}.");
        if (count == 0)
            return new Tensor(storage.Type, shape, []);
        if (!StridedView.Fits(tensor.Shape, tensor.Strides, tensor.Offset, storage.Count))
        {
            throw new InvalidDataException(
                $"Tensor '{name}', shape {Tensor.Format(shape)}, strides [{string.Join(", ", tensor.Strides)}], " +
                $"offset {tensor.Offset}, does not lie inside its storage of {storage.Count} elements.");
        }

        long start = storage.Start + tensor.Offset;
        bool rowMajor = StridedView.IsRowMajor(tensor.Shape, tensor.Strides);
        if (rowMajor && start == 0 && count == storage.RootCount)
            return new Tensor(storage.Type, shape, data);
        budget.Take((long)Int128.Min((Int128)count * size, long.MaxValue), $"Tensor '{name}'");
        var elements = new byte[count * size];
        if (rowMajor)
            data.AsSpan((int)(start * size), elements.Length).CopyTo(elements);
        else
            StridedView.Copy(data, tensor.Shape, tensor.Strides, start, size, elements);
        return new Tensor(storage.Type, shape, elements);
    }

    private static string NotATensor(string name, object? value)
    {
        string message = $"'{name}' is {Describe(value)}, not a tensor";
        return value is PickleDictionary { Items: var items } && items.Any(item => item.Value is TensorReference)
            ? $"{message}: the file nests the state dict. Expected the state dict itself; save it alone with " +
              $"torch.save(checkpoint['{name}'], …)."
            : $"{message}. Expected a state dict: a dictionary of tensors and nothing else.";
    }

    private static string Describe(object? value) => value switch
    {
        null => "None",
        bool => "a bool",
        long or System.Numerics.BigInteger => "an int",
        double => "a float",
        string => "a str",
        PickleTuple => "a tuple",
        PickleList => "a list",
        PickleDictionary dictionary => $"a dictionary of {dictionary.Items.Count} items",
        TensorReference => "a tensor",
        StorageReference => "a storage",
        _ => "a function or class",
    };
}
