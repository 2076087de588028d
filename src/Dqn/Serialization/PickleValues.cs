using System.Numerics;
using Dqn.Files;

namespace Dqn.Serialization;

// What a pickle is made of. The rest are null, bool, long, BigInteger, double and string.

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

/// <summary>One of the importable names that tensors need, or another, of which only the name is known.</summary>
internal sealed record PickleGlobal(GlobalKind Kind, TensorType Element, string Name);

/// <summary>
/// What Python would make by calling something that tensors do not need: never called, so that nothing is known but
/// what would have been.
/// </summary>
/// <param name="Origin">The global that would have been called: <c>torch.device</c>.</param>
internal sealed record PickleOpaque(string Origin)
{
    /// <summary>Whether it would have been a tensor: of a kind, or with elements, that are not supported.</summary>
    public bool IsTensor => Origin.StartsWith("torch._utils._rebuild", StringComparison.Ordinal);
}

/// <summary>Which.</summary>
internal enum GlobalKind
{
    /// <summary>Any other: what it would make is a <see cref="PickleOpaque"/>.</summary>
    Other,

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

/// <summary>Values in words, for messages.</summary>
internal static class PickleText
{
    public static string Describe(object? value) => value switch
    {
        null => "None",
        bool => "a bool",
        long or BigInteger => "an int",
        double => "a float",
        string => "a str",
        PickleTuple => "a tuple",
        PickleList => "a list",
        PickleDictionary dictionary => $"a dictionary of {dictionary.Items.Count} items",
        TensorReference => "a tensor",
        StorageReference => "a storage",
        PickleOpaque opaque => $"an object that {FileText.Quote(opaque.Origin)} makes",
        PickleGlobal { Kind: GlobalKind.Other, Name: var name } => $"the function or class {FileText.Quote(name)}",
        _ => "a function or class",
    };
}
