using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dqn.Files;

/// <summary>
/// The calls of Linux and macOS that .NET does not offer, or offers without their errors. Each returns −1 (or 0 for a
/// pointer) on failure and leaves the reason to <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static partial class SystemCalls
{
    /// <summary>Error numbers; where two are given, Linux's and macOS's.</summary>
    public const int Interrupted = 4, AccessDenied = 13, InvalidArgument = 22, ReadOnlyFileSystem = 30;

    /// <inheritdoc cref="Interrupted"/>
    public static int NotSupported => OperatingSystem.IsMacOS() ? 45 : 95;

    private const int ReadOnly = 0, FullSynchronization = 51; // O_RDONLY, F_FULLFSYNC

    private static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    /// <summary>Opens a folder, so that it can be synchronised.</summary>
    public static SafeFileHandle OpenFolder(string path) => new(Open(path, ReadOnly | CloseOnExec), ownsHandle: true);

    /// <summary>
    /// Waits until what was written to a file, or a folder's entries, lie on the disk. macOS's fsync stops at the drive's
    /// cache; there the drive is asked to empty it too, where it can.
    /// </summary>
    public static int Synchronize(SafeFileHandle file)
    {
        if (OperatingSystem.IsMacOS() && Control(file, FullSynchronization) == 0)
            return 0;
        return FSync(file);
    }

    /// <summary>A path without symbolic links, or null: it does not exist or may not be looked at.</summary>
    public static unsafe string? RealPath(string path)
    {
        const int Longest = 4096; // PATH_MAX, with its final zero
        byte* resolved = stackalloc byte[Longest];
        return RealPath(path, resolved) == 0 ? null : Marshal.PtrToStringUTF8((nint)resolved);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint RealPath(string path, byte* resolved);
}
