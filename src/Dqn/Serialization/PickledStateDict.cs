using System.Collections.Immutable;
using System.Globalization;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>From the values of a pickle to the state dicts among them.</summary>
/// <param name="load">The bytes of a storage, little-endian; asked once for each key.</param>
/// <param name="budget">How much memory the tensors may take.</param>
internal sealed class PickledStateDict(Func<StorageReference, byte[]> load, MemoryBudget budget)
{
    // Nobody nests state dicts deeper, and a dictionary may contain itself.
    private const int MaxDepth = 8;

    private readonly Dictionary<string, (StorageReference First, byte[] Data)> _storages = new(StringComparer.Ordinal);
    private readonly TensorCount _count = new(budget);

    /// <summary>
    /// The state dicts in a pickled value: itself, or dictionaries with tensors inside it; an optimizer's apart.
    /// </summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public IReadOnlyList<StateDictPart> Parts(object? root)
    {
        var found = new List<(Place? Place, PickleDictionary Dictionary)>();
        Find(root, null, 0, found, new HashSet<object>(ReferenceEqualityComparer.Instance));
        if (found.Count == 0 && root is PickleDictionary { Items.Count: 0 } empty)
            found.Add((null, empty));
        if (found.Count == 0)
        {
            throw new InvalidDataException(
                $"Expected a state dict (a dictionary of tensors), got {Describe(root)}. Save it with " +
                "torch.save(model.state_dict(), …).");
        }

        // A loss that is a tensor beside the state dict does not make the whole one.
        if (found.Exists(item => HasLayers(item.Dictionary)))
            found.RemoveAll(item => !HasLayers(item.Dictionary));
        return [.. found.Select(item => new StateDictPart(PathOf(item.Place), () => Build(item.Dictionary)))];
    }

    private void Find(
        object? value, Place? place, int depth, List<(Place?, PickleDictionary)> found, HashSet<object> seen)
    {
        if (value is null || !IsContainer(value) || depth > MaxDepth || !seen.Add(value))
            return;
        budget.Take(MemoryBudget.Entry + (2 * MemoryBudget.Object), "The search for state dicts");
        if (IsOptimizer(value))
            return;
        if (value is PickleDictionary own && own.Items.Any(item => IsTensor(item.Value)))
            found.Add((place, own));
        if (value is PickleDictionary dictionary)
        {
            foreach ((object? key, object? child) in dictionary.Items)
            {
                if (IsContainer(child))
                    Find(child, new Place(place, key), depth + 1, found, seen);
            }

            return;
        }

        IReadOnlyList<object?> items = value is PickleList list ? list.Items : ((PickleTuple)value).Items;
        for (int i = 0; i < items.Count; i++)
        {
            if (IsContainer(items[i]))
                Find(items[i], new Place(place, (long)i), depth + 1, found, seen);
        }
    }

    private string PathOf(Place? place)
    {
        var names = new List<string>();
        for (; place is not null; place = place.Outer)
            names.Add(NameOf(place.Key) ?? PickleText.Describe(place.Key));
        names.Reverse();
        budget.Take((4 * MemoryBudget.Object) + (8L * names.Sum(name => name.Length)), "A state dict's path");
        return string.Join('.', names);
    }

    private static bool IsContainer(object? value) => value is PickleDictionary or PickleList or PickleTuple;

    private static bool IsTensor(object? value) => value is TensorReference or PickleOpaque { IsTensor: true };

    private static bool IsOptimizer(object value) => value is PickleDictionary dictionary
        && dictionary.Items.Any(item => item.Key is "param_groups");

    private static bool HasLayers(PickleDictionary dictionary) => dictionary.Items.Any(
        item => IsTensor(item.Value) && item.Key is string key && (key.Contains('.') || key is "weight" or "bias"));

    private static string? NameOf(object? key) => key switch
    {
        string { Length: <= TensorCount.MaxNameLength } text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private StateDict Build(PickleDictionary dictionary)
    {
        var result = new StateDict();
        foreach ((object? key, object? value) in dictionary.Items)
        {
            if (!IsTensor(value))
                continue; // An epoch, a loss: other things are skipped.
            string name = key as string ?? NameOf(key) ?? throw new InvalidDataException(
                $"Expected names as keys of the state dict, got {PickleText.Describe(key)}.");
            _count.Next(name.Length);
            if (value is not TensorReference tensor)
            {
                throw new InvalidDataException(
                    $"Tensor {FileText.Quote(name)} is {PickleText.Describe(value)}: not supported.");
            }


            if (result.TryGet(name, out _))
                throw new InvalidDataException($"The name {FileText.Quote(name)} occurs twice.");
            result.Add(name, Materialise(name, tensor));
        }

        return result;
    }

    private Tensor Materialise(string name, TensorReference tensor)
    {
        StorageReference storage = tensor.Storage;
        if (!_storages.TryGetValue(storage.Key, out (StorageReference First, byte[] Data) entry))
        {
            budget.Take(MemoryBudget.Entry + (2 * MemoryBudget.Object), "A storage");
            _storages[storage.Key] = entry = (storage, load(storage));
        }

        if (entry.First.Type != storage.Type || entry.First.RootCount != storage.RootCount)
        {
            throw new InvalidDataException(
                $"Storage {FileText.Quote(storage.Key)} is described as {entry.First.RootCount} × {entry.First.Type} " +
                $"and as {storage.RootCount} × {storage.Type}.");
        }

        return View(name, tensor, entry.Data);
    }

    private Tensor View(string name, TensorReference tensor, byte[] data)
    {
        StorageReference storage = tensor.Storage;
        int size = Tensor.SizeOf(storage.Type);
        if (!TensorShape.TryCount(tensor.Shape, out long count))
        {
            throw new InvalidDataException(
                $"Tensor {FileText.Quote(name)} has an impossible shape, {FileText.Shape(tensor.Shape)}.");
        }

        budget.Take(sizeof(long) * tensor.Shape.Length, "A shape");
        ImmutableArray<long> shape = [.. tensor.Shape];
        if (count == 0)
            return new Tensor(storage.Type, shape, []);
        if (!StridedView.Fits(tensor.Shape, tensor.Strides, tensor.Offset, storage.Count))
        {
            throw new InvalidDataException(
                $"Tensor {FileText.Quote(name)}, shape {FileText.Shape(tensor.Shape)}, strides " +
                $"{FileText.Shape(tensor.Strides)}, offset {tensor.Offset}, does not lie inside its storage of " +
                $"{storage.Count} elements.");
        }

        long start = storage.Start + tensor.Offset;
        bool rowMajor = StridedView.IsRowMajor(tensor.Shape, tensor.Strides);
        if (rowMajor && start == 0 && count == storage.RootCount)
            return new Tensor(storage.Type, shape, data);
        var elements = new byte[budget.TakeArray((Int128)count * size, "Tensor", name)];
        if (rowMajor)
            data.AsSpan((int)(start * size), elements.Length).CopyTo(elements);
        else
            StridedView.Copy(data, tensor.Shape, tensor.Strides, start, size, elements);
        return new Tensor(storage.Type, shape, elements);
    }

    private static string Describe(object? root) => root is PickleDictionary { Items: { Count: > 0 } items }
        ? $"{PickleText.Describe(root)} without tensors: " + string.Join(", ", items.Take(6).Select(
            item => $"{FileText.Quote(NameOf(item.Key) ?? "?")} is {PickleText.Describe(item.Value)}"))
        : PickleText.Describe(root);

    /// <summary>Where a value is: the key that leads to it, and where that is; null for the whole.</summary>
    private sealed record Place(Place? Outer, object? Key);
}
