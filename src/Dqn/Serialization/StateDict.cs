using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// Named tensors in order: what PyTorch calls a <c>state_dict</c>. <see cref="StateDictFile"/> reads and writes it.
/// </summary>
public sealed class StateDict : IReadOnlyCollection<KeyValuePair<string, Tensor>>
{
    private readonly OrderedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>How many tensors there are.</summary>
    public int Count => _tensors.Count;

    /// <summary>The names, in order.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string name] => _tensors.TryGetValue(name, out Tensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"No tensor {FileText.Quote(name)}; there are: {FileText.List(_tensors.Keys)}.");

    /// <summary>Appends a tensor.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tensor);
        if (!_tensors.TryAdd(name, tensor))
            throw new ArgumentException($"There is a tensor {FileText.Quote(name)} already.", nameof(name));
    }

    /// <summary>Looks a tensor up.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Tensor tensor) => _tensors.TryGetValue(name, out tensor);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    /// <summary>The tensors whose names begin with <paramref name="prefix"/> and a dot, named by what follows.</summary>
    internal StateDict Under(string prefix)
    {
        var result = new StateDict();
        string start = $"{prefix}.";
        foreach ((string name, Tensor tensor) in _tensors)
        {
            if (name.StartsWith(start, StringComparison.Ordinal))
                result.Add(name[start.Length..], tensor);
        }

        return result;
    }

    /// <summary>Whether a name can be written as UTF-8: no half of a surrogate pair stands alone.</summary>
    internal static bool IsUnicode(string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogate(name[i]) && (++i == name.Length || !char.IsSurrogatePair(name[i - 1], name[i])))
                return false;
        }

        return true;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
