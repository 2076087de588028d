using System.Collections.Immutable;
using Dqn.Files;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>Finds the network in a file's state dicts: the one that the file says, the caller names, or shapes show.</summary>
internal sealed class NetworkReader(
    Sequential[] expected, NetworkFileOptions options, IReadOnlyDictionary<string, string> metadata,
    MemoryBudget budget)
{
    private const string Cure =
        "Name the architecture that the file holds, or the network in it by NetworkFileOptions.Prefix";

    // Orders, strides and what is said of them.
    private const int PerSearch = 8192;

    // More networks than anyone keeps in a file, to choose one from.
    private const int MaxNetworks = 256;

    private int _tensors;

    public LoadedNetwork Read(IReadOnlyList<StateDictPart> parts)
    {
        if (options.Prefix is { } prefix)
        {
            IReadOnlyList<StateDictPart> all = parts;
            parts = [new StateDictPart(prefix, () => StateDictPart.Choose(all, prefix))];
        }

        if (metadata.TryGetValue(NetworkFile.ArchitectureKey, out string? text))
            return ReadAsTold(parts[0], text);
        if (expected.Length == 0)
            throw new InvalidDataException("The file does not say what network it holds. Name its architecture.");
        _tensors = parts.Sum(part => part.Tensors.Count);
        List<NetworkGroup> groups = [.. parts.SelectMany(part => NetworkGroup.Of(part, budget))];
        return ReadExpected(groups, out string? misfit) ?? ReadInferred(groups, misfit);
    }

    private LoadedNetwork ReadAsTold(StateDictPart part, string text)
    {
        budget.Take(ArchitectureText.MemoryOf(text), "The architecture");
        Sequential architecture = ArchitectureText.Parse(text);
        RequireTask(architecture);
        if (new ExpectedTensors(architecture).Misfit(part.Tensors) is { } misfit)
            throw new InvalidDataException(misfit);
        return Load(part.Tensors, architecture, ArchitectureSource.File, part.Path, []);
    }

    // The caller's, if tensors have its names and shapes.
    private LoadedNetwork? ReadExpected(List<NetworkGroup> groups, out string? misfit)
    {
        List<ExpectedTensors> all = [.. expected.Select(one => new ExpectedTensors(one))];
        misfit = all[0].Misfit(groups[0].Tensors);
        List<NetworkGroup> alike = groups.FindAll(group => all.Exists(one => one.Fit(group.Tensors)));
        if (alike.Count == 0)
            return null;
        NetworkGroup chosen = Choose(alike, out ImmutableArray<string> assumptions);
        foreach (ExpectedTensors one in all.Where(one => one.Fit(chosen.Tensors)))
        {
            try
            {
                return Load(chosen.Tensors, one.Architecture, ArchitectureSource.Caller, chosen.Prefix, assumptions);
            }
            catch (ArgumentException exception)
            {
                misfit = exception.Message; // The next one, then.
            }
        }

        return null;
    }

    private LoadedNetwork ReadInferred(List<NetworkGroup> groups, string? misfit)
    {
        string? reason = null;
        Sequential[] tasks = [.. expected.DistinctBy(Describe)];
        var fits = new List<(NetworkGroup Group, List<InferredNetwork> Networks)>();
        foreach (NetworkGroup group in groups.Where(group => !group.IsAll))
        {
            List<InferredNetwork> networks = [];
            foreach (Sequential task in tasks)
            {
                budget.Take(
                    PerSearch + group.Tensors.Names.Sum(name => 1024 + (16L * name.Length)), "The search for networks");
                networks.AddRange(InferredNetwork.Find(group.Tensors, task, out string? why));
                reason ??= why;
            }

            if (networks.Exists(network => network.HasUsualStrides))
                networks.RemoveAll(network => !network.HasUsualStrides);
            if (networks.Count > 0)
                fits.Add((group, networks));
        }

        if (fits.Count == 0)
        {
            throw new InvalidDataException(
                $"Expected a network for {Tasks()}. As it was named: {misfit} By the shapes: {reason}. {Cure}.");
        }

        NetworkGroup chosen = Choose([.. fits.Select(fit => fit.Group)], out ImmutableArray<string> assumptions);
        List<InferredNetwork> found = fits.Find(fit => fit.Group == chosen).Networks;
        if (found.Count > 1)
        {
            throw new InvalidDataException(
                $"The tensors fit several networks for {Tasks()}: " +
                $"{string.Join("; ", found.Take(6).Select(network => network.Summary))}. {Cure}.");
        }

        string known = "The file does not say its architecture: it was inferred from the tensors for " +
            $"{Describe(found[0].Architecture)}.";
        return Load(
            chosen.Tensors, found[0].Architecture, ArchitectureSource.Inferred, chosen.Prefix,
            [known, .. assumptions, .. found[0].Assumptions]);
    }

    private NetworkGroup Choose(List<NetworkGroup> fits, out ImmutableArray<string> assumptions)
    {
        assumptions = [];
        if (options.Prefix is not null && fits[0].Prefix == options.Prefix)
            return fits[0];

        string names = FileText.List([.. fits.Select(fit => fit.Prefix)]);
        if (fits.Count > MaxNetworks)
            throw new InvalidDataException($"Expected at most {MaxNetworks} networks in a file, got {names}.");

        // What holds a target network beside another is not one network.
        List<NetworkGroup> single = fits.FindAll(
            group => !fits.Exists(other => IsInside(other, group) && OnlineNetwork.IsTarget(other.Prefix)));
        int index = single.Exists(group => single.Exists(other => IsInside(other, group)))
            ? -1
            : OnlineNetwork.Find([.. single.Select(group => group.Prefix)]);
        if (index < 0)
        {
            throw new InvalidDataException(
                $"The file holds several networks for {Tasks()}, under the names {names}. {Cure}.");
        }

        if (fits.Count > 1)
        {
            assumptions =
            [
                $"Of the networks under the names {names}, {FileText.Quote(single[index].Prefix)} is assumed to be the " +
                "online one.",
            ];
        }
        else if (fits[0].Tensors.Count < _tensors)
        {
            assumptions =
            [
                $"Only the tensors under {FileText.Quote(fits[0].Prefix)} make such a network: the " +
                $"{_tensors - fits[0].Tensors.Count} others in the file were left out.",
            ];
        }

        return single[index];
    }

    private static bool IsInside(NetworkGroup inner, NetworkGroup outer) => inner.Prefix.Length > outer.Prefix.Length
        && (outer.Prefix.Length == 0 || (inner.Prefix[outer.Prefix.Length] == '.'
            && inner.Prefix.StartsWith(outer.Prefix, StringComparison.Ordinal)));

    private LoadedNetwork Load(
        StateDict tensors, Sequential architecture, ArchitectureSource source, string prefix,
        ImmutableArray<string> assumptions)
    {
        // The caller's own architecture is not the file's doing.
        if (source != ArchitectureSource.Caller)
            NetworkMemory.Take(architecture, options.Network.Threads, budget);
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (FiniteTensors.Complaint(name, tensor) is { } complaint)
                throw new InvalidDataException(complaint);
        }

        var network = new QNetwork(architecture, new Pcg64(0), options.Network);
        try
        {
            network.LoadStateDict(tensors);
            return new LoadedNetwork(network, source, prefix, assumptions, metadata);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private void RequireTask(Sequential architecture)
    {
        if (expected.Length > 0 && !expected.Any(one => Describe(one) == Describe(architecture)))
            throw new InvalidDataException($"Expected a network for {Tasks()}, got one for {Describe(architecture)}.");
    }

    private string Tasks() => string.Join(" or ", expected.Select(Describe).Distinct());

    private static string Describe(Sequential network) =>
        $"{(network.Pixels ? "pixels" : "numbers")} {Sequential.Format(network.ObservationShape)} and " +
        $"{network.ActionCount} actions";
}
