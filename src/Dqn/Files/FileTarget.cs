using System.Text;

namespace Dqn.Files;

/// <summary>
/// What a path leads to when it is written: a file, there or not yet, with symbolic links followed, so that the link
/// stays and the file that it names is replaced; or a device or pipe, which cannot be replaced and is written straight.
/// </summary>
internal sealed class FileTarget
{
    private const int MostLinks = 40; // as many as Linux follows
    private const int LongestName = 255;

    private FileTarget(string path, string folder, FileStream? straight) =>
        (Path, Folder, Straight) = (path, folder, straight);

    /// <summary>The file to replace.</summary>
    public string Path { get; }

    /// <summary>Its folder, which exists.</summary>
    public string Folder { get; }

    /// <summary>The device or pipe, open for writing; null where a file is replaced.</summary>
    public FileStream? Straight { get; }

    /// <summary>Follows a path; opens it if it is a device or pipe, which waits for a pipe's reader.</summary>
    /// <exception cref="IOException">
    /// The folder does not exist, the path is a folder, its name is too long or its links lead in a circle.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The device or pipe may not be written.</exception>
    public static FileTarget Find(string path)
    {
        string next = System.IO.Path.GetFullPath(path);
        for (int links = 0; links < MostLinks; links++)
        {
            (string folder, string file) = Split(path, next);
            if (IsDevice(file))
                return new FileTarget(file, folder, OpenDevice(file));
            if (new FileInfo(file).LinkTarget is not { } target)
                return new FileTarget(file, folder, OpenPipe(path, file));
            next = System.IO.Path.Combine(folder, target);
        }

        throw new IOException($"Cannot write '{path}': its symbolic links lead in a circle.");
    }

    private static (string Folder, string File) Split(string path, string full)
    {
        string name = System.IO.Path.GetFileName(full);
        if (name.Length == 0 || System.IO.Path.GetDirectoryName(full) is not { } named)
            throw NotAFile(path);
        string? folder = OperatingSystem.IsWindows() ? named : SystemCalls.RealPath(named);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"Cannot write '{path}': the folder '{named}' does not exist.");

        // Asked now, as whether it is a folder: the rename would find out only after a long recording.
        int length = OperatingSystem.IsWindows() ? name.Length : Encoding.UTF8.GetByteCount(name);
        if (length > LongestName)
            throw new PathTooLongException($"Cannot write '{path}': expected a name of at most 255 bytes, got {length}.");
        return (folder, System.IO.Path.Combine(folder, name));
    }

    // Files too, where they are a process's own: standard output sent to a file is that open file, not its name.
    private static bool IsDevice(string file) => OperatingSystem.IsWindows()
        ? file.StartsWith(@"\\.\", StringComparison.Ordinal)
        : file.StartsWith("/proc/", StringComparison.Ordinal)
            || (file.StartsWith("/dev/", StringComparison.Ordinal) && !file.StartsWith("/dev/shm/", StringComparison.Ordinal));

    private static FileStream OpenDevice(string file)
    {
        var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        if (stream.CanSeek && stream.Length > 0)
            stream.Position = stream.Length; // standard output sent to a file: after what was printed
        return stream;
    }

    // .NET tells a named pipe from an empty file only when it is open.
    private static FileStream? OpenPipe(string path, string file)
    {
        if (Directory.Exists(file))
            throw NotAFile(path);
        if (OperatingSystem.IsWindows() || new FileInfo(file) is not { Exists: true, Length: 0 })
            return null;
        FileStream stream = OpenDevice(file);
        if (!stream.CanSeek)
            return stream;
        stream.Dispose();
        return null;
    }

    private static IOException NotAFile(string path) => new($"Cannot write '{path}': that is a folder.");
}
