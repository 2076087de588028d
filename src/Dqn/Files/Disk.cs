using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dqn.Files;

/// <summary>
/// Makes sure that files and folders lie on the disk, so that a power loss does not take them.
/// <para>
/// On Linux and macOS it asks the system itself: .NET 10's <c>FileStream.Flush(true)</c> and
/// <c>RandomAccess.FlushToDisk</c> return as if all were well when <c>fsync</c> fails there, with a full quota or a
/// broken disk. After a failure there is no second try: the system may have dropped what it could not write, and would
/// then report success.
/// </para>
/// </summary>
internal static class Disk
{
    /// <summary>Returns when all that was written to the file lies on the disk.</summary>
    /// <exception cref="IOException">It does not; the message names the file and the reason.</exception>
    public static void Flush(FileStream file)
    {
        file.Flush();
        if (OperatingSystem.IsWindows())
            file.Flush(flushToDisk: true);
        else if (Synchronize(file.SafeFileHandle) is var error and not 0)
            throw Failed($"'{file.Name}'", error);
    }

    /// <summary>
    /// Returns when the folder's entries lie on the disk: what was created, renamed or deleted in it. Windows writes them
    /// by itself, in order. Some network file systems cannot be asked, nor can folders without the right to read them;
    /// there nothing happens.
    /// </summary>
    /// <exception cref="IOException">They do not; the message names the folder and the reason.</exception>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using SafeFileHandle handle = SystemCalls.OpenFolder(folder);
        int error = handle.IsInvalid ? Marshal.GetLastPInvokeError() : Synchronize(handle);
        bool cannotBeAsked = error == SystemCalls.NotSupported || error is
            SystemCalls.InvalidArgument or SystemCalls.ReadOnlyFileSystem or SystemCalls.AccessDenied;
        if (error != 0 && !cannotBeAsked)
            throw Failed($"the folder '{folder}'", error);
    }

    /// <summary>Creates a folder, its parents too, and returns when their entries lie on the disk.</summary>
    /// <exception cref="IOException">They cannot be created, or do not lie on the disk.</exception>
    /// <exception cref="UnauthorizedAccessException">A parent may not be written.</exception>
    public static void CreateFolder(string folder)
    {
        // The nearest parent even if the folder is there: whoever created it may have been stopped before this point.
        var parents = new List<string>();
        string? path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        do
        {
            path = Path.GetDirectoryName(path);
            if (path is not null)
                parents.Add(path);
        }
        while (path is not null && !Directory.Exists(path));

        Directory.CreateDirectory(folder);
        parents.ForEach(FlushFolder);
    }

    private static int Synchronize(SafeFileHandle file)
    {
        int error;
        do
            error = SystemCalls.Synchronize(file) == 0 ? 0 : Marshal.GetLastPInvokeError();
        while (error == SystemCalls.Interrupted);
        return error;
    }

    private static IOException Failed(string what, int error) => new(
        $"Cannot bring {what} to the disk: {Marshal.GetPInvokeErrorMessage(error)} (error {error}). " +
        "It may be full, over quota, unplugged or broken.", error);
}
