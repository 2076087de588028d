using System.Diagnostics;

namespace Dqn.Faults;

/// <summary>A file system in a file, mounted.</summary>
internal sealed class LoopDisk : IDisposable
{
    /// <summary>Mounts the image.</summary>
    public LoopDisk(string image, string folder, string options = "loop")
    {
        Folder = Directory.CreateDirectory(folder).FullName;
        Run("mount", "-o", options, image, Folder);
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Makes the image: an empty file system.</summary>
    public static string Format(string image, string fileSystem, long megabytes)
    {
        using (FileStream file = File.Create(image))
            file.SetLength(megabytes << 20);
        string[] options = fileSystem == "ext4" ? ["-q", "-F"] : ["-q", "-f"];
        Run($"mkfs.{fileSystem}", [.. options, image]);
        return image;
    }

    /// <summary>Runs a program and throws what it says if it fails.</summary>
    public static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}{output.Result}");
    }

    public void Dispose() => Run("umount", Folder);
}
