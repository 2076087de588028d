namespace Dqn.Tests.Training;

/// <summary>
/// A folder of its own for a test, deleted afterwards; in memory where the system has such a place, since what is
/// tested flushes to the disk often.
/// </summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath(),
        $"dqn-tests-{Guid.NewGuid():N}")).FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The names of all files in a folder under it, sorted.</summary>
    public string[] FileNames(string folder = "") =>
        [.. new DirectoryInfo(this[folder]).GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
