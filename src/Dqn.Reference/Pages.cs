using System.Text.RegularExpressions;

namespace Dqn.Reference;

/// <summary>
/// The pages beside the types': the READMEs and what they link to, code as a page of its own, at the places that they have
/// in the repository.
/// </summary>
internal sealed partial class Pages(string folder)
{
    private readonly HashSet<string> _written = [];
    private readonly List<string> _broken = [];

    /// <summary>Links to files that are not there.</summary>
    public IReadOnlyList<string> Broken => _broken;

    /// <summary>The page of a file in the repository.</summary>
    public static string PageOf(string path) =>
        path == "README.md" ? "index.md" : path.EndsWith(".cs", StringComparison.Ordinal) ? path + ".md" : path;

    /// <summary>Writes a file's page and the pages that it links to.</summary>
    public void Add(string path)
    {
        if (!_written.Add(path))
            return;
        string source = Repository.Absolute(path), target = Path.Combine(folder, PageOf(path));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (path.EndsWith(".cs", StringComparison.Ordinal))
            File.WriteAllText(target, $"# {path}\n\n````csharp\n{File.ReadAllText(source).TrimEnd()}\n````\n");
        else if (path.EndsWith(".md", StringComparison.Ordinal))
            File.WriteAllText(target, Link().Replace(File.ReadAllText(source), link => Follow(path, link)));
        else
            File.Copy(source, target, overwrite: true);
    }

    private string Follow(string from, Match link)
    {
        string[] parts = link.Groups["target"].Value.Split('#', 2);
        if (parts[0].Length == 0 || parts[0].Contains("://", StringComparison.Ordinal))
            return link.Value;
        string here = Path.GetDirectoryName(Repository.Absolute(from))!;
        string to = Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(here, parts[0]))).Replace('\\', '/');
        if (!File.Exists(Repository.Absolute(to)))
        {
            _broken.Add($"{from} links to {parts[0]}, which is no file.");
            return link.Value;
        }

        Add(to);
        string href = Path.GetRelativePath(here, Repository.Absolute(PageOf(to))).Replace('\\', '/');
        return $"]({href}{(parts.Length > 1 ? "#" + parts[1] : "")})";
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
