namespace Dqn.Files;

/// <summary>
/// A file that comes into being whole or not at all: written under a temporary name in the same folder, then renamed.
/// Disposed without <see cref="Commit"/>, it leaves nothing behind and the previous file as it was.
/// </summary>
internal sealed class ReplacingFile : IDisposable
{
    private readonly string _path;
    private FileStream? _stream;
    private bool _committed;

    /// <exception cref="IOException">
    /// The folder does not exist, or <paramref name="path"/> is itself a folder.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public ReplacingFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(_path) ?? throw NotAFile(path);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"Cannot write '{path}': the folder '{folder}' does not exist.");

        // Asked now: the rename would find out only after a long recording.
        if (Directory.Exists(_path) || Path.GetFileName(_path).Length == 0)
            throw NotAFile(path);

        TemporaryPath = Path.Combine(folder, $".{Path.GetFileName(_path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            _stream = new FileStream(
                TemporaryPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 1 << 16);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnauthorizedAccessException($"Cannot write '{path}': the folder '{folder}' is not writable.", e);
        }
    }

    /// <summary>Writes a whole file at once; if anything fails, the previous one stays.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new ReplacingFile(path);
        write(file.Stream);
        file.Commit();
    }

    /// <summary>Where the bytes are until <see cref="Commit"/>.</summary>
    public string TemporaryPath { get; }

    /// <summary>The open temporary file.</summary>
    public FileStream Stream => _stream ?? throw new InvalidOperationException("The file is closed.");

    /// <summary>Closes the temporary file, for another process to write it.</summary>
    public void CloseStream()
    {
        _stream?.Dispose();
        _stream = null;
    }

    /// <summary>Flushes to the disk and renames, replacing a file of that name.</summary>
    public void Commit()
    {
        _stream?.Flush(flushToDisk: true);
        CloseStream();
        File.Move(TemporaryPath, _path, overwrite: true);
        _committed = true;
    }

    public void Dispose()
    {
        try
        {
            CloseStream();
        }
        catch (IOException) when (!_committed)
        {
            // A full disk shows again when the buffer is flushed; the write that failed has already said so.
        }

        if (_committed)
            return;
        try
        {
            File.Delete(TemporaryPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing more can be done, and the reason for being here matters more.
        }
    }

    private static IOException NotAFile(string path) => new($"Cannot write '{path}': that is a folder.");
}
