using System.Runtime.InteropServices;

namespace Dqn.Networks.Loading;

/// <summary>
/// Loads TorchSharp's native library where Linux is older than the one it was built on. TorchSharp 0.107.0 asks for
/// <c>GLIBCXX_3.4.32</c>, which Debian 12 and Ubuntu 22.04 lack, for one symbol that no relocation refers to. Then a
/// copy in memory that does without is loaded, under the same name, so that TorchSharp finds it; the packages' files
/// stay as they are. Once TorchSharp is built for these systems again, this folder can go.
/// </summary>
internal static class OlderLinux
{
    public const string Name = "libLibTorchSharp.so";

    /// <summary>
    /// Loads the native library if the system lacks versions that it names but does not use; does nothing where it lacks
    /// none, where it is loaded already, or where it is not to be found.
    /// </summary>
    /// <exception cref="NotSupportedException">The system lacks what the library uses.</exception>
    /// <exception cref="InvalidDataException">A library is damaged.</exception>
    /// <exception cref="DllNotFoundException">LibTorch's own libraries cannot be loaded.</exception>
    public static void Load()
    {
        if (Find(Name) is not { } path || SystemLibrary.IsLoaded(Name))
            return;
        byte[] file = File.ReadAllBytes(path);
        if (Prepare(path, file, SystemLibraries(Path.GetDirectoryName(path)!)) is not { } copy)
            return;

        // From memory the library cannot find its neighbours, but it takes those that are loaded already.
        foreach (string library in ElfImage.Parse(file).Libraries)
        {
            if (Find(library) is { } neighbour && !SystemLibrary.IsLoaded(library))
                NativeLibrary.Load(neighbour);
        }

        SystemLibrary.LoadFromMemory(Name, copy);
    }

    /// <summary>The copy to load instead of the file; null where the file itself will do.</summary>
    /// <param name="path">The file's, for the message.</param>
    /// <param name="file">The file.</param>
    /// <param name="find">The system's library of a name; null where there is none.</param>
    /// <exception cref="NotSupportedException">The system lacks what the library uses.</exception>
    public static byte[]? Prepare(string path, ReadOnlySpan<byte> file, Func<string, ElfImage?> find)
    {
        IReadOnlyList<ElfVersionNeed> missing = VersionCheck.Missing(ElfImage.Parse(file), find);
        ElfVersionNeed[] used = [.. missing.Where(need => need.IsUsed)];
        if (used.Length > 0)
            throw new NotSupportedException(VersionCheck.Describe(path, used, find));
        return missing.Count == 0 ? null : VersionCheck.WithoutUnused(file, missing);
    }

    /// <summary>
    /// A native library's file where .NET looks for it: in the directories of the packages or of the published program,
    /// then beside the program and beside TorchSharp. Null where it is in none of them.
    /// </summary>
    public static string? Find(string name)
    {
        string directories = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        string? torchSharp = Path.GetDirectoryName(typeof(TorchSharp.torch).Assembly.Location);
        return directories.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory).Append(torchSharp)
            .Where(directory => !string.IsNullOrEmpty(directory))
            .Select(directory => Path.Combine(directory!, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The libraries that the process has or would load, read once each.</summary>
    private static Func<string, ElfImage?> SystemLibraries(string directory)
    {
        Dictionary<string, ElfImage?> read = [];
        return name =>
        {
            if (!read.TryGetValue(name, out ElfImage? image))
            {
                string? path = SystemLibrary.FileOf(name, directory);
                read.Add(name, image = path is null ? null : ElfImage.Parse(File.ReadAllBytes(path)));
            }

            return image;
        };
    }
}
