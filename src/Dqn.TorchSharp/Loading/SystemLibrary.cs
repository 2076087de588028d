using System.Runtime.InteropServices;

namespace Dqn.Networks.Loading;

/// <summary>The dynamic loader of Linux, beyond what <see cref="NativeLibrary"/> offers.</summary>
internal static partial class SystemLibrary
{
    private const int Lazy = 1, NoLoad = 4, RequestLinkMap = 2;
    private const uint CloseOnExec = 1;

    /// <summary>Whether the process has a library of this name.</summary>
    public static bool IsLoaded(string name) => Open(name, Lazy | NoLoad) != 0;

    /// <summary>
    /// The file of the library that the process has under a name or, where it has none, would load: from the directory
    /// if there is one, else as the system finds it. Null where there is none.
    /// </summary>
    public static string? FileOf(string name, string directory)
    {
        string beside = Path.Combine(directory, name);
        nint library = Open(name, Lazy | NoLoad);
        if (library == 0)
            library = Open(File.Exists(beside) ? beside : name, Lazy);
        if (library == 0 || Information(library, RequestLinkMap, out nint map) != 0)
            return null;

        // struct link_map: the address, then the file's name.
        return Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(map, nint.Size));
    }

    /// <summary>Loads a library that is in memory alone.</summary>
    /// <exception cref="DllNotFoundException">The dynamic loader refuses it.</exception>
    /// <exception cref="IOException">The system gives no memory for it.</exception>
    public static void LoadFromMemory(string name, ReadOnlySpan<byte> file)
    {
        int descriptor = MemoryFile(name, CloseOnExec);
        if (descriptor < 0)
            throw new IOException($"memfd_create: {Marshal.GetLastPInvokeErrorMessage()}.");

        // It stays open: under a number given away again the dynamic loader would find this library for another one.
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Write(handle, file, 0);
        NativeLibrary.Load($"/proc/self/fd/{descriptor}");
    }

    /// <summary>
    /// Sets a variable of the process's own environment, of which .NET has a copy, unless it is set.
    /// </summary>
    public static void SetUnlessSet(string variable, string value) => _ = SetEnvironment(variable, value, overwrite: 0);

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string name, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlinfo")]
    private static partial int Information(nint library, int request, out nint result);

    [LibraryImport(
        "libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
