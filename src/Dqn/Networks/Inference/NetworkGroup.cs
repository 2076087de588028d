using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>Tensors of a file that may be a network: all, or those whose names begin alike.</summary>
/// <param name="Prefix">What the names begin with in the file; empty for all.</param>
/// <param name="Tensors">Them, the prefix left out of their names.</param>
/// <param name="IsAll">Whether the names' common beginning adds nothing: the group above has the same tensors.</param>
internal sealed record NetworkGroup(string Prefix, StateDict Tensors, bool IsAll)
{
    // Nobody hides a network deeper, or keeps one of so many tensors beside others.
    private const int MaxDepth = 4;
    private const int MaxTensors = 4096;

    /// <summary>The groups of a state dict, the whole one first.</summary>
    public static IEnumerable<NetworkGroup> Of(StateDictPart part, MemoryBudget budget)
    {
        var groups = new List<NetworkGroup> { new(part.Path, part.Tensors, IsAll: false) };
        if (part.Tensors.Count <= MaxTensors)
            AddInner(groups[0], part.Path.Length == 0 ? "" : $"{part.Path}.", 0, groups, budget);
        return groups;
    }

    private static void AddInner(
        NetworkGroup outer, string before, int depth, List<NetworkGroup> groups, MemoryBudget budget)
    {
        if (depth == MaxDepth)
            return;
        foreach (var names in outer.Tensors.Names.Where(IsInner).GroupBy(name => name[..name.IndexOf('.')]))
        {
            long length = before.Length + names.Key.Length;
            budget.Take(
                (8 * length) + (8 * MemoryBudget.Object)
                    + names.Sum(name => (4L * name.Length) + (2 * MemoryBudget.Entry)),
                "The search for networks");
            StateDict tensors = outer.Tensors.Under(names.Key);
            var group = new NetworkGroup(before + names.Key, tensors, tensors.Count == outer.Tensors.Count);
            groups.Add(group);
            AddInner(group, $"{group.Prefix}.", depth + 1, groups, budget);
        }
    }

    // A layer alone, "fc1.weight", is no network; "q_net.fc1.weight" is one's.
    private static bool IsInner(string name) => name.IndexOf('.') is > 0 and var dot && name.IndexOf('.', dot + 1) > 0;
}
