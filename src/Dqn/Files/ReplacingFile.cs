namespace Dqn.Files;

/// <summary>
/// A file that comes into being whole or not at all: written under a temporary name in the same folder, brought to the
/// disk, renamed. Once <see cref="Commit"/> has returned, no power loss takes it. Disposed without that, it leaves
/// nothing behind and the previous file as it was.
/// <para>
/// A symbolic link stays and the file it names is replaced; a replaced file's mode stays; a device or a pipe is written
/// straight.
/// </para>
/// </summary>
internal sealed class ReplacingFile : IDisposable
{
    // Short whatever the file is called, and nobody else's: what bears such a name after a crash may be deleted.
    private const string TemporaryPrefix = ".dqn-", TemporaryExtension = ".tmp";

    private readonly FileTarget _target;
    private readonly UnixFileMode? _mode;
    private readonly Action<string>? _beforeStep;
    private FileStream? _stream;
    private bool _committed;

    /// <summary>Starts a file.</summary>
    /// <param name="path">What it will be; replaced where it exists.</param>
    /// <param name="seeks">Whether its writer goes back in it or needs its <see cref="TemporaryPath"/>.</param>
    /// <param name="beforeStep">Told each thing before it is done to the disk, so that tests can stop there.</param>
    /// <exception cref="IOException">
    /// The folder does not exist, <paramref name="path"/> is itself a folder, or a pipe where the writer seeks.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public ReplacingFile(string path, bool seeks = false, Action<string>? beforeStep = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _target = FileTarget.Find(path);
        _beforeStep = beforeStep;
        if (_target.Straight is { } straight)
        {
            if (seeks)
            {
                straight.Dispose();
                throw new IOException(
                    $"Cannot write '{path}': that is a device or a pipe, and this format goes back to its beginning " +
                    "when it is complete. Name a file.");
            }

            (_stream, TemporaryPath) = (straight, _target.Path);
            return;
        }

        TemporaryPath = Path.Combine(_target.Folder, $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporaryExtension}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            BufferSize = 1 << 16,
        };
        if (!OperatingSystem.IsWindows() && File.Exists(_target.Path))
        {
            // Never open to more than the file is, not even for the moment.
            _mode = File.GetUnixFileMode(_target.Path);
            options.UnixCreateMode = _mode | UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        Announce("create", TemporaryPath);
        try
        {
            _stream = new FileStream(TemporaryPath, options);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnauthorizedAccessException(
                $"Cannot write '{path}': the folder '{_target.Folder}' is not writable.", e);
        }
    }

    /// <summary>Writes a whole file at once; if anything fails, the previous one stays.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new ReplacingFile(path);
        write(file.Stream);
        file.Commit();
    }

    /// <summary>
    /// Deletes what stopped processes left unfinished in a folder that only this one writes to. What resists stays.
    /// </summary>
    public static void DeleteUnfinished(string folder, Action<string>? beforeStep = null)
    {
        foreach (string path in Directory.EnumerateFiles(folder, $"{TemporaryPrefix}*{TemporaryExtension}"))
        {
            string name = Path.GetFileName(path);
            if (Guid.TryParseExact(name[TemporaryPrefix.Length..^TemporaryExtension.Length], "N", out _))
                TryDelete(path, beforeStep);
        }
    }

    /// <summary>Deletes a file that nothing needs, or leaves it for the next time.</summary>
    public static void TryDelete(string path, Action<string>? beforeStep = null)
    {
        try
        {
            beforeStep?.Invoke($"delete {path}");
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
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

    /// <summary>Brings the content to the disk and renames, replacing a file of that name.</summary>
    /// <param name="flushFolder">
    /// Whether to bring the new name to the disk too; false for the caller to do it, once for many files.
    /// </param>
    /// <exception cref="IOException">
    /// Something failed, and the previous file is still there; or all is there but might be lost with the power.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Another program holds the file (Windows).</exception>
    public void Commit(bool flushFolder = true)
    {
        if (_target.Straight is not null)
        {
            Stream.Flush();
            CloseStream();
            _committed = true;
            return;
        }

        // Another process may have written it meanwhile.
        _stream ??= new FileStream(TemporaryPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Announce("flush", TemporaryPath);
        Disk.Flush(_stream);
        if (_mode is { } mode && !OperatingSystem.IsWindows() && File.GetUnixFileMode(_stream.SafeFileHandle) != mode)
            File.SetUnixFileMode(_stream.SafeFileHandle, mode);
        CloseStream();
        Announce("rename to", _target.Path);
        HeldFile.Retry(() => File.Move(TemporaryPath, _target.Path, overwrite: true));
        _committed = true;
        if (!flushFolder)
            return;
        Announce("flush folder", _target.Folder);
        Disk.FlushFolder(_target.Folder);
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

        if (!_committed && _target.Straight is null)
            TryDelete(TemporaryPath, _beforeStep); // where that fails, the reason for being here matters more
    }

    private void Announce(string step, string path) => _beforeStep?.Invoke($"{step} {path}");
}
