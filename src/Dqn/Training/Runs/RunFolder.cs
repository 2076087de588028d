using Dqn.Files;

namespace Dqn.Training;

/// <summary>
/// The folder of a training run: where its files lie, held against a second process for as long as the run goes.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    /// <summary>What a training holds while it goes.</summary>
    public const string LockName = "run.lock";

    /// <summary>Where the checkpoints are.</summary>
    public const string CheckpointsName = "checkpoints";

    private readonly FileStream _lock;

    /// <summary>Opens the folder, made if need be.</summary>
    /// <exception cref="IOException">It cannot be made, or another process trains in it.</exception>
    public RunFolder(string path, string weightsExtension)
    {
        (Path, BestWeights, LatestWeights) = (path, At($"best{weightsExtension}"), At($"latest{weightsExtension}"));
        Disk.CreateFolder(path);
        _lock = LockFile.Hold(At(LockName), $"Another process trains in {path}: it holds {At(LockName)}.");

        // What a process that was killed left unfinished, now that nobody else writes here.
        ReplacingFile.DeleteUnfinished(path);

        string At(string name) => System.IO.Path.Combine(path, name);
    }

    public string Path { get; }

    public string BestWeights { get; }

    public string LatestWeights { get; }

    public string History => System.IO.Path.Combine(Path, "history.csv");

    public string Options => System.IO.Path.Combine(Path, "options.json");

    public string Checkpoints => System.IO.Path.Combine(Path, CheckpointsName);

    /// <summary>Lets another process in.</summary>
    public void Dispose() => _lock.Dispose();
}
