using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// What a pickle wants to be called. Of four kinds of globals (importable names) it is known what they make: ordered
/// dictionaries, storages, tensors and parameters. Whatever else is named is not imported and not called: it stands as
/// a <see cref="PickleOpaque"/> where its result would.
/// </summary>
internal sealed class PickleCalls(Func<string, InvalidDataException> error)
{
    /// <summary>Bytes that any of the results here takes, arrays of a tensor's axes left out.</summary>
    public const int ResultSize = 4 * MemoryBudget.Object;

    /// <summary>The storages that the pickle refers to, by key.</summary>
    public Dictionary<string, StorageReference> Storages { get; } = new(StringComparer.Ordinal);

    public static PickleGlobal Global(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => new(GlobalKind.OrderedDict, default, "collections.OrderedDict"),
        ("torch._utils", "_rebuild_tensor_v2") => new(GlobalKind.RebuildTensor, default, "torch._utils._rebuild_tensor_v2"),
        ("torch._utils", "_rebuild_parameter") => new(GlobalKind.RebuildParameter, default, "torch._utils._rebuild_parameter"),
        ("torch" or "torch.cuda", _) when TorchStorage.TryGetType(name, out TensorType type) =>
            new(GlobalKind.Storage, type, name),
        _ => new(GlobalKind.Other, default, $"{module}.{name}"),
    };

    /// <summary>What Python gets by calling <paramref name="callable"/>, or what stands for it.</summary>
    public object Reduce(object? callable, object?[] arguments)
    {
        if (callable is PickleOpaque opaque)
            return opaque;
        if (callable is not PickleGlobal global)
            throw error("expected a global on the stack");
        switch (global.Kind, arguments)
        {
            case (GlobalKind.OrderedDict, []):
                return new PickleDictionary();
            // requires_grad and hooks follow; newer versions add a dictionary of flags (conjugate, negative).
            case (GlobalKind.RebuildTensor,
                [StorageReference storage, long offset, PickleTuple size, PickleTuple stride, _, _, .. var flags])
                when flags is [] or [PickleDictionary { Items.Count: 0 }]:
                return View(storage, offset, Integers(size), Integers(stride));
            case (GlobalKind.RebuildTensor, [PickleOpaque storage, ..]):
                return new PickleOpaque($"torch._utils._rebuild_tensor_v2 from {storage.Origin}");
            case (GlobalKind.RebuildParameter, [TensorReference or PickleOpaque, bool, PickleDictionary]):
                return arguments[0]!;
            case (GlobalKind.RebuildTensor, _):
                return new PickleOpaque("torch._utils._rebuild_tensor_v2 with other arguments");
            default:
                return new PickleOpaque(global.Name);
        }
    }

    /// <summary>Elements elsewhere in the file, by the identifier that stands for them.</summary>
    public object Storage(object?[] id)
    {
        if (id is ["storage", PickleGlobal { Kind: GlobalKind.Other, Name: var name }, ..])
            return new PickleOpaque(name);
        if (id is not ["storage", PickleGlobal { Kind: GlobalKind.Storage } type, string key, string, long count, ..])
            throw error("expected the description of a storage (\"storage\", type, key, location, number of elements)");
        StorageReference reference = id[5..] switch
        {
            [] or [null] => new(type.Element, key, count, 0, count),
            // Files of early versions: a storage that is a part of another one.
            [PickleTuple { Items: [string, long start, long length] }] when start >= 0 && length >= 0
                && start <= count && length <= count - start => new(type.Element, key, length, start, count),
            _ => throw error("a storage with a view that does not lie inside it"),
        };
        Storages.TryAdd(key, reference);
        return reference;
    }

    private TensorReference View(StorageReference storage, long offset, long[] shape, long[] strides)
    {
        if (strides.Length != shape.Length || shape.Length > TensorShape.MaxAxes)
        {
            throw error(
                $"a tensor with {shape.Length} axes and {strides.Length} strides; expected as many, at most " +
                $"{TensorShape.MaxAxes}");
        }

        return new TensorReference(storage, offset, shape, strides);
    }

    private long[] Integers(PickleTuple tuple)
    {
        if (tuple.Items.Length > TensorShape.MaxAxes)
            throw error($"a tensor with {tuple.Items.Length} axes; expected at most {TensorShape.MaxAxes}");
        var values = new long[tuple.Items.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = tuple.Items[i] is long value ? value : throw error("expected a tuple of integers");
        return values;
    }
}
