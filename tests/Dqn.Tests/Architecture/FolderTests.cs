using System.Runtime.CompilerServices;
using Dqn.Agents;
using Dqn.CarRacing;

namespace Dqn.Tests.Architecture;

/// <summary>Folders beside each other use each other in one direction alone, so that each can be read without the other.</summary>
public sealed class FolderTests
{
    [TestCase(typeof(DqnAgent), "src/Dqn")]
    [TestCase(typeof(CarRacingEnvironment), "src/Dqn.CarRacing")]
    public void No_folders_go_in_a_circle(Type any, string project)
    {
        string root = Path.Combine(Repository(), project);
        Dictionary<string, string> folders = Folders(root);
        var uses = new Dictionary<(string From, string To), SortedSet<string>>();
        foreach (Type type in any.Assembly.GetTypes().Where(type => !type.IsNested))
        {
            if (!folders.TryGetValue(Name(type), out string? from))
                continue;
            foreach (Type used in TypeReferences.Of(type))
            {
                if (used.Assembly != any.Assembly || !folders.TryGetValue(Name(used), out string? to))
                    continue;
                if (Siblings(from, to) is { } pair)
                {
                    uses.TryAdd(pair, []);
                    uses[pair].Add($"{Name(type)} → {Name(used)}");
                }
            }
        }

        Assert.That(uses, Has.Count.GreaterThan(5), "that much is used");
        IEnumerable<string> circles =
            from use in uses
            where Reaches(uses.Keys, use.Key.To, use.Key.From)
            orderby use.Value.Count
            select $"{use.Key.From} uses {use.Key.To}: {string.Join(", ", use.Value)}";
        Assert.That(circles, Is.Empty, "each of these lies on a circle; the first is the easiest to untie");
    }

    // Where two folders part: Networks/Layers and Networks/Kernels, or Agents and Networks.
    private static (string From, string To)? Siblings(string from, string to)
    {
        string[] one = from.Split('/'), two = to.Split('/');
        for (int depth = 0; depth < one.Length && depth < two.Length; depth++)
            if (one[depth] != two[depth])
                return (string.Join('/', one[..(depth + 1)]), string.Join('/', two[..(depth + 1)]));
        return null; // the same, or one within the other
    }

    private static bool Reaches(IEnumerable<(string From, string To)> uses, string start, string end)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>([start]);
        while (open.TryPop(out string? folder))
        {
            if (folder == end)
                return true;
            if (seen.Add(folder))
                foreach ((_, string to) in uses.Where(use => use.From == folder))
                    open.Push(to);
        }

        return false;
    }

    // A file names its type, FrameRing.State.cs too. What lies in the project's own folder belongs to none.
    private static Dictionary<string, string> Folders(string root)
    {
        var folders = new Dictionary<string, string>();
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace('\\', '/');
            if (folder == "." || folder.Split('/')[0] is "bin" or "obj")
                continue;
            string type = Path.GetFileName(file).Split('.')[0];
            Assert.That(folders.TryAdd(type, folder) || folders[type] == folder, $"{type} lies in {folder} and {folders[type]}");
        }

        return folders;
    }

    private static string Name(Type type) => type.Name.Split('`')[0];

    private static string Repository([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));
}
