namespace Dqn.Reference;

/// <summary>The checkout that the program was built in. Paths in it have forward slashes and start at its root.</summary>
internal static class Repository
{
    /// <summary>The folder of Dqn.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The absolute path of a path in the repository.</summary>
    public static string Absolute(string path) => Path.Combine(Root, path);

    /// <summary>The files below a folder that match a pattern, in order, without what builds left there.</summary>
    public static IEnumerable<string> Files(string folder, string pattern, SearchOption depth = SearchOption.AllDirectories) =>
        Directory.EnumerateFiles(Absolute(folder), pattern, depth)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dqn.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"Expected Dqn.sln above {AppContext.BaseDirectory}; run the program from the build in the repository.");
    }
}
