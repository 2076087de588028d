namespace Dqn.Tests.Media;

/// <summary>A folder that lives as long as a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("dqn-media-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    /// <summary>The names of all files in it, sorted.</summary>
    public string[] Files => [.. Directory.GetFiles(_path).Select(file => Path.GetFileName(file)!).Order()];

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
