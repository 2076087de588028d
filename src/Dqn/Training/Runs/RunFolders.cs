using System.Globalization;

namespace Dqn.Training;

/// <summary>The folders of runs beside each other, numbered: <c>runs/cartpole-001</c>.</summary>
public static class RunFolders
{
    /// <summary>
    /// Makes the folder of the next number that no run has yet. Runs started together, in whatever processes, get a folder
    /// each.
    /// </summary>
    /// <param name="runs">Where the folders are; made if need be.</param>
    /// <param name="prefix">What the folders' names begin with: <c>cartpole</c>.</param>
    /// <returns>The folder's path.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static string Create(string runs, string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(runs);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        Directory.CreateDirectory(runs);

        // With a file in it before it has its name: a folder that is not empty is never renamed onto.
        string claim = Path.Combine(runs, $".{prefix}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(claim);
        File.WriteAllBytes(Path.Combine(claim, RunFolder.LockName), []);
        try
        {
            for (int number = 1; ; number++)
            {
                string folder = Path.Combine(
                    runs, string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number:000}"));
                if (Path.Exists(folder))
                    continue;
                try
                {
                    Directory.Move(claim, folder);
                    return folder;
                }
                catch (IOException) when (Path.Exists(folder))
                {
                    // Another run was quicker.
                }
            }
        }
        finally
        {
            if (Directory.Exists(claim))
                Directory.Delete(claim, recursive: true);
        }
    }

    /// <summary>The run that was saved last, of those that have a checkpoint to go on from; null if none has.</summary>
    /// <param name="runs">Where the folders are.</param>
    public static string? Latest(string runs)
    {
        ArgumentException.ThrowIfNullOrEmpty(runs);
        return new DirectoryInfo(runs) is { Exists: true } folder
            ? folder.EnumerateDirectories()
                .Select(run => new DirectoryInfo(Path.Combine(run.FullName, RunFolder.CheckpointsName)))
                .Where(checkpoints => checkpoints.Exists && checkpoints.EnumerateFileSystemInfos().Any())
                .MaxBy(checkpoints => checkpoints.LastWriteTimeUtc)?.Parent!.FullName
            : null;
    }
}
