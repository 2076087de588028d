namespace Dqn.Serialization;

// What a pickle of a state dict is made of. The rest are null, bool, long, BigInteger, double and string.

/// <summary>A Python tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A Python list.</summary>
internal sealed record PickleList(List<object?> Items);

/// <summary>A Python dict or OrderedDict. Most are empty (hooks), so the list comes with the first item.</summary>
internal sealed class PickleDictionary
{
    private List<KeyValuePair<object?, object?>>? _items;

    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items ?? [];

    public void Add(object? key, object? value) => (_items ??= []).Add(new(key, value));
}

/// <summary>One of the few importable names a state dict needs.</summary>
internal sealed record PickleGlobal(GlobalKind Kind, TensorType Element);

/// <summary>Which.</summary>
internal enum GlobalKind
{
    /// <summary><c>collections.OrderedDict</c></summary>
    OrderedDict,

    /// <summary><c>torch._utils._rebuild_tensor_v2</c></summary>
    RebuildTensor,

    /// <summary><c>torch._utils._rebuild_parameter</c></summary>
    RebuildParameter,

    /// <summary><c>torch.FloatStorage</c> and its siblings</summary>
    Storage,
}

/// <summary>Elements that lie somewhere else in the file.</summary>
/// <param name="Type">What they are.</param>
/// <param name="Key">Their name in the file.</param>
/// <param name="Count">How many.</param>
/// <param name="Start">Where this storage begins in that of <paramref name="Key"/>; 0 but in old files.</param>
/// <param name="RootCount">How many elements that of <paramref name="Key"/> has.</param>
internal sealed record StorageReference(TensorType Type, string Key, long Count, long Start, long RootCount);

/// <summary>A strided view of a storage; offset and strides in elements.</summary>
internal sealed record TensorReference(StorageReference Storage, long Offset, long[] Shape, long[] Strides);
