namespace Dqn.Media;

/// <summary>Programs on this machine.</summary>
internal static class Executables
{
    /// <summary>
    /// The full path of a program, or null. A bare name is looked for in the folders of PATH only: never in the current
    /// folder, where a downloaded file of that name may lie.
    /// </summary>
    /// <param name="name">A name, or a path with folders, which is taken as it is.</param>
    /// <param name="searchPath">The folders; null: the environment variable PATH.</param>
    public static string? Find(string name, string? searchPath = null)
    {
        if (Path.GetFileName(name) != name)
            return File.Exists(name) ? Path.GetFullPath(name) : null;

        searchPath ??= Environment.GetEnvironmentVariable("PATH") ?? "";
        string[] endings = OperatingSystem.IsWindows() && !Path.HasExtension(name) ? [".exe"] : [""];
        return searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(candidate => Path.IsPathFullyQualified(candidate) && IsExecutable(candidate));
    }

    /// <summary>Whether there is such a file, and somebody may run it.</summary>
    public static bool IsExecutable(string path) =>
        File.Exists(path) &&
        (OperatingSystem.IsWindows() ||
         (File.GetUnixFileMode(path) &
          (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
