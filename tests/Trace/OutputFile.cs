using System.IO.Compression;

namespace Dqn.Tests.Trace;

/// <summary>
/// A file that appears under its name when it is whole: written beside it, then renamed. Disposed before
/// <see cref="Complete"/> it leaves nothing behind, and the previous file as it was. Pipes and devices are written straight.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private string? _temporary;

    /// <summary>Opens the file; a name that ends in .gz is compressed.</summary>
    public OutputFile(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"Cannot write '{path}': that is a folder.");
        _path = Path.GetFullPath(path);
        if (!Directory.Exists(Path.GetDirectoryName(_path)))
            throw new DirectoryNotFoundException($"Cannot write '{path}': there is no such folder.");
        Stream? file = OpenDevice(_path);
        if (file is null)
        {
            _temporary = $"{_path}.{Guid.NewGuid():N}.tmp";
            file = new FileStream(_temporary, FileMode.CreateNew);
        }

        Stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : file;
    }

    /// <summary>Where to write.</summary>
    public Stream Stream { get; }

    /// <summary>Gives the file its name.</summary>
    public void Complete()
    {
        Stream.Dispose();
        if (_temporary is not null)
            File.Move(_temporary, _path, overwrite: true);
        _temporary = null;
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (_temporary is not null)
            File.Delete(_temporary);
    }

    // A rename would put a file in the place of /dev/null or of a pipe.
    private static FileStream? OpenDevice(string path)
    {
        if (!File.Exists(path))
            return null;
        var stream = new FileStream(path, FileMode.Open, FileAccess.Write);
        if (!stream.CanSeek || path.StartsWith("/dev/", StringComparison.Ordinal))
            return stream;
        stream.Dispose();
        return null;
    }
}
