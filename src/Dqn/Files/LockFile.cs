namespace Dqn.Files;

/// <summary>A file that keeps other processes out of its folder for as long as it is open; it goes with its holder.</summary>
internal static class LockFile
{
    /// <summary>Makes it and holds it.</summary>
    /// <param name="path">Where; the folder exists.</param>
    /// <param name="held">What to say where another process holds it.</param>
    /// <exception cref="IOException">Another process holds it, or it cannot be made.</exception>
    public static FileStream Hold(string path, string held)
    {
        try
        {
            return new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new IOException(held, exception);
        }
    }
}
