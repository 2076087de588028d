using System.IO.Compression;
using Dqn.Files;

namespace Dqn.Tests.Trace;

/// <summary>A <see cref="ReplacingFile"/>, compressed where its name ends in .gz.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly ReplacingFile _file;

    /// <summary>Opens the file.</summary>
    public OutputFile(string path)
    {
        _file = new ReplacingFile(path);
        Stream = path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(_file.Stream, CompressionLevel.Optimal, leaveOpen: true)
            : _file.Stream;
    }

    /// <summary>Where to write.</summary>
    public Stream Stream { get; }

    /// <summary>Gives the file its name.</summary>
    public void Complete()
    {
        if (Stream is GZipStream)
            Stream.Dispose();
        _file.Commit();
    }

    /// <summary>Leaves nothing behind unless it is complete.</summary>
    public void Dispose() => _file.Dispose();
}
