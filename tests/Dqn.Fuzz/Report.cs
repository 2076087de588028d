using System.Diagnostics;

namespace Dqn.Fuzz;

/// <summary>What reading damaged files came to.</summary>
internal sealed class Report(string? keep)
{
    private const double MaxSeconds = 2;
    private const long Allowance = 64L << 20;
    private const int Factor = 10;

    private readonly Dictionary<string, int> _undocumented = [];
    private long _files, _read, _converted;
    private int _kept;
    private (double Seconds, string Name) _slowest;
    private (double Share, long Bytes, string Name) _largest;

    /// <summary>Whether every file was read or refused as documented, in time and in memory.</summary>
    public bool IsClean => _undocumented.Count == 0 && _slowest.Seconds <= MaxSeconds && _largest.Share <= 1;

    /// <summary>Reads one file.</summary>
    public void Try(Target target, byte[] file)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        try
        {
            target.Read(file);
            _read++;
        }
        catch (InvalidDataException exception)
        {
            // Documented, but what it was made of shows a fault of the reader.
            if (exception.InnerException is NullReferenceException or IndexOutOfRangeException or InvalidCastException)
            {
                _converted++;
                Keep(target, file, exception.InnerException);
            }
        }
        catch (Exception exception)
        {
            string kind = $"{target.Name}: {exception.GetType()}";
            _undocumented[kind] = _undocumented.GetValueOrDefault(kind) + 1;
            Keep(target, file, exception);
        }

        _files++;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        double share = bytes / (double)(Allowance + (Factor * (long)file.Length));
        if (seconds > _slowest.Seconds)
            _slowest = (seconds, target.Name);
        if (share > _largest.Share)
            _largest = (share, bytes, target.Name);
        if (seconds > MaxSeconds || share > 1)
            Keep(target, file, new TimeoutException($"{seconds:f2} s, {bytes} bytes"));
    }

    /// <summary>Writes the figures.</summary>
    public void Write(TextWriter writer, TimeSpan time)
    {
        writer.WriteLine($"{_files} files in {time.TotalSeconds:f0} s: {_read} read, {_files - _read} refused");
        writer.WriteLine($"undocumented exceptions: {_undocumented.Values.Sum()}; faults behind a refusal: {_converted}");
        foreach ((string kind, int count) in _undocumented.OrderByDescending(item => item.Value))
            writer.WriteLine($"  {count} × {kind}");
        writer.WriteLine($"slowest: {_slowest.Seconds * 1000:f0} ms ({_slowest.Name})");
        writer.WriteLine(
            $"largest allocation: {_largest.Bytes / 1048576.0:f1} MiB, {_largest.Share:p0} of 64 MiB + 10 × the file " +
            $"({_largest.Name})");
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
