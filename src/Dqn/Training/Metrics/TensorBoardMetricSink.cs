using System.Globalization;
using Dqn.Files;

namespace Dqn.Training;

/// <summary>
/// Scalars for TensorBoard (<c>tensorboard --logdir FOLDER</c>). Each sink makes one new event file in the folder,
/// named so that it sorts after those that are there; a file holds whole records only, up to the last one being
/// written.
/// </summary>
/// <example><code>
/// using var sink = new TensorBoardMetricSink("runs/mine");
/// sink.Write("evaluation/return", step: 10_000, value: 195.5);
/// </code></example>
public sealed class TensorBoardMetricSink : IMetricSink
{
    private const string Prefix = "events.out.tfevents.";

    private readonly FileStream _file;
    private readonly TimeProvider _time;

    /// <summary>Makes an event file.</summary>
    /// <param name="folder">Where; made if need be.</param>
    /// <param name="resumedStep">
    /// The step of the checkpoint that the run goes on from: TensorBoard drops what earlier files have beyond it. Null for
    /// a new run: it drops all that they have, as of a run that was killed before its first checkpoint.
    /// </param>
    /// <param name="time">The clock of the events' wall time; null for the system's.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public TensorBoardMetricSink(string folder, long? resumedStep = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _time = time ?? TimeProvider.System;
        Disk.CreateFolder(folder);
        long newest = NewestIn(folder), seconds = Math.Max(_time.GetUtcNow().ToUnixTimeSeconds(), 1 + newest);
        Path = System.IO.Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}{seconds:D10}.{Environment.MachineName}.{Environment.ProcessId}.0"));

        // No buffer: each record reaches the file in one write.
        _file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _file.Write(TensorBoardRecord.FileVersion(WallTime));
        if (resumedStep is not null || newest > 0)
            _file.Write(TensorBoardRecord.Restart(WallTime, (resumedStep ?? -1) + 1));
    }

    /// <summary>The event file.</summary>
    public string Path { get; }

    private double WallTime => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <inheritdoc/>
    public void Write(string name, long step, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _file.Write(TensorBoardRecord.Scalar(WallTime, step, name, (float)value));
    }

    /// <inheritdoc/>
    public void Flush() => _file.Flush();

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static long NewestIn(string folder)
    {
        long newest = 0;
        foreach (string path in Directory.EnumerateFiles(folder, Prefix + "*"))
        {
            string[] pieces = System.IO.Path.GetFileName(path)[Prefix.Length..].Split('.');
            if (long.TryParse(pieces[0], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
                newest = Math.Max(newest, seconds);
        }

        return newest;
    }
}
