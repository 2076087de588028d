using System.Globalization;

namespace Dqn.Samples.CarRacing;

/// <summary>Which folder a training uses where none was named.</summary>
internal static class RunName
{
    private const string Prefix = "carracing-";

    /// <summary>The first number that no run has yet: carracing-001.</summary>
    public static string Next(string runs)
    {
        for (int number = 1; ; number++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:000}");
            if (!Directory.Exists(Path.Combine(runs, name)))
                return name;
        }
    }

    /// <summary>The run that was saved last.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static string Latest(string runs)
    {
        DirectoryInfo? latest = new DirectoryInfo(runs) is { Exists: true } folder
            ? folder.EnumerateDirectories().Where(run => Directory.Exists(Path.Combine(run.FullName, "checkpoints")))
                .MaxBy(run => Directory.GetLastWriteTimeUtc(Path.Combine(run.FullName, "checkpoints")))
            : null;
        return latest?.Name ?? throw new InvalidOperationException($"There is no run to resume in {Path.GetFullPath(runs)}.");
    }
}
