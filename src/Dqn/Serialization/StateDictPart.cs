using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>One of the state dicts of a file; its tensors are read when they are first asked for.</summary>
/// <param name="path">
/// The keys that lead to it, joined with dots: <c>model_state_dict</c>; empty where the file holds nothing else.
/// </param>
/// <param name="load">Reads its tensors.</param>
internal sealed class StateDictPart(string path, Func<StateDict> load)
{
    private StateDict? _tensors;

    public string Path { get; } = path;

    public StateDict Tensors => _tensors ??= load();

    /// <summary>The state dict that a caller wants who asks for no network in particular.</summary>
    /// <param name="parts">All there are, at least one.</param>
    /// <param name="prefix">What the names of the wanted tensors begin with, the path included; null: the only one.</param>
    /// <exception cref="InvalidDataException">There is more than one, or none of that name.</exception>
    public static StateDict Choose(IReadOnlyList<StateDictPart> parts, string? prefix)
    {
        if (prefix is not null)
            return Under(parts, prefix);
        int index = OnlineNetwork.Find([.. parts.Select(part => part.Path)]);
        return index >= 0 ? parts[index].Tensors : throw new InvalidDataException(
            $"The file holds several state dicts: {FileText.List([.. parts.Select(part => part.Path)])}. Expected a " +
            "prefix that says which.");
    }

    private static StateDict Under(IReadOnlyList<StateDictPart> parts, string prefix)
    {
        foreach (StateDictPart part in parts)
        {
            if (part.Path == prefix || (prefix.Length == 0 && parts.Count == 1))
                return part.Tensors;
        }

        // The longest path first: what follows it begins the tensors' names.
        foreach (StateDictPart part in parts.OrderByDescending(part => part.Path.Length))
        {
            string before = part.Path.Length == 0 ? "" : $"{part.Path}.";
            if (!prefix.StartsWith(before, StringComparison.Ordinal))
                continue;
            StateDict tensors = part.Tensors.Under(prefix[before.Length..]);
            if (tensors.Count > 0)
                return tensors;
        }

        IEnumerable<string> there = parts.SelectMany(part => part.Path.Length > 0 ? [part.Path] : Beginnings(part));
        throw new InvalidDataException(
            $"No tensor's name begins with {FileText.Quote($"{prefix}.")}; names begin with " +
            $"{FileText.List([.. there.Distinct()])}.");
    }

    private static IEnumerable<string> Beginnings(StateDictPart part) => part.Tensors.Names.Select(
        name => name.IndexOf('.') is > 0 and var dot ? name[..dot] : name);
}
