using System.Diagnostics;

namespace Dqn.Fuzz;

/// <summary>Reads damaged files and counts what that came to.</summary>
internal sealed class Report(Figures figures, string? keep)
{
    private const double MaxSeconds = 2;
    private const long Allowance = 64L << 20;
    private const int Factor = 10;

    // What a busy machine makes slow once is quick the second time.
    private const double Suspicious = 0.25;

    private int _kept;

    /// <summary>Whether every file was read or refused as documented, in time and in memory.</summary>
    public bool IsClean => figures.Undocumented.Count == 0 && figures.FaultsBehindRefusals == 0
        && figures.SlowestSeconds <= MaxSeconds && figures.LargestShare <= 1;

    /// <summary>Reads one file.</summary>
    public void Try(Target target, byte[] file)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        Exception? exception = Read(target, file);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        if (seconds > Suspicious)
        {
            start = Stopwatch.GetTimestamp();
            Read(target, file);
            seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        if (!figures.Targets.TryGetValue(target.Name, out Figures.Count? count))
            figures.Targets[target.Name] = count = new Figures.Count();
        figures.Files++;
        count.Files++;
        switch (exception)
        {
            case null:
                figures.Read++;
                count.Read++;
                break;
            case InvalidDataException { InnerException: NullReferenceException or IndexOutOfRangeException or InvalidCastException }:
                // Documented, but what it was made of shows a fault of the reader.
                figures.FaultsBehindRefusals++;
                Keep(target, file, exception);
                break;
            case InvalidDataException:
                break;
            default:
                string kind = $"{target.Name}: {exception.GetType()}";
                figures.Undocumented[kind] = figures.Undocumented.GetValueOrDefault(kind) + 1;
                Keep(target, file, exception);
                break;
        }

        double share = bytes / (double)(Allowance + (Factor * (long)file.Length));
        if (seconds > figures.SlowestSeconds)
            (figures.SlowestSeconds, figures.SlowestTarget) = (seconds, target.Name);
        if (share > figures.LargestShare)
            (figures.LargestShare, figures.LargestBytes, figures.LargestTarget) = (share, bytes, target.Name);
        if (seconds > MaxSeconds || share > 1)
            Keep(target, file, new TimeoutException($"{seconds:f2} s, {bytes} bytes"));
    }

    /// <summary>Writes the figures.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine(
            $"{figures.Files} files in {figures.Seconds:f0} s: {figures.Read} read, {figures.Files - figures.Read} refused");
        writer.WriteLine(
            $"undocumented exceptions: {figures.Undocumented.Values.Sum()}; faults behind a refusal: {figures.FaultsBehindRefusals}");
        foreach ((string kind, long count) in figures.Undocumented.OrderByDescending(item => item.Value))
            writer.WriteLine($"  {count} × {kind}");
        writer.WriteLine($"slowest: {figures.SlowestSeconds * 1000:f0} ms ({figures.SlowestTarget})");
        writer.WriteLine(
            $"largest allocation: {figures.LargestBytes / 1048576.0:f1} MiB, {figures.LargestShare:p0} of 64 MiB + 10 × the file " +
            $"({figures.LargestTarget})");
    }

    private static Exception? Read(Target target, byte[] file)
    {
        try
        {
            target.Read(file);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private void Keep(Target target, byte[] file, Exception exception)
    {
        if (keep is null || _kept >= 100)
            return;
        string path = Path.Combine(keep, $"{_kept++:d3}");
        File.WriteAllBytes(path, file);
        File.WriteAllText($"{path}.txt", $"{target.Name}\n{exception}");
    }
}
