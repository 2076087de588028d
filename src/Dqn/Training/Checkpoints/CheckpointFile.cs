namespace Dqn.Training;

/// <summary>
/// A checkpoint's files, each either absent or whole whenever the process or the machine stops: written beside the
/// target under a name that tells what it was to become, summed up on the way, flushed to the disk, renamed.
/// </summary>
internal static class CheckpointFile
{
    /// <summary>What a file is called until it is whole; what bears it after a crash may be deleted.</summary>
    public const string UnfinishedExtension = ".unfinished";

    private const int BufferBytes = 1 << 16;

    /// <summary>Writes or replaces a file and returns its length and checksum.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="write">Writes the content, front to back.</param>
    /// <param name="beforeStep">Called before each thing done to the disk, so that tests can stop there.</param>
    public static Checksum Replace(string path, Action<Stream> write, Action<string>? beforeStep = null)
    {
        string unfinished = path + UnfinishedExtension;
        try
        {
            Checksum checksum;
            beforeStep?.Invoke($"create {unfinished}");
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 0))
            {
                // The buffer stands before the checksum, so that a number at a time does not mean a hash at a time.
                using var summed = new ChecksumStream(file, beforeStep);
                using var buffered = new BufferedStream(summed, BufferBytes);
                write(buffered);
                buffered.Flush();
                checksum = summed.Finish();
                beforeStep?.Invoke($"flush {unfinished}");
                file.Flush(flushToDisk: true);
            }

            beforeStep?.Invoke($"rename {unfinished}");
            File.Move(unfinished, path, overwrite: true);
            return checksum;
        }
        catch
        {
            TryDelete(unfinished, beforeStep);
            throw;
        }
    }

    /// <summary>Deletes a file that nothing needs; one that resists is left for the next time.</summary>
    public static void TryDelete(string path, Action<string>? beforeStep = null)
    {
        try
        {
            beforeStep?.Invoke($"delete {path}");
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
