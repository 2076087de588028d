using System.Text.Json;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>
/// Films in the run's folder, and the runs beside it. A name that comes from outside is looked for among those that are
/// there, never made a path of.
/// </summary>
internal sealed class RunFiles(WatchedRun run)
{
    private static readonly Dictionary<string, string> s_films = new(StringComparer.OrdinalIgnoreCase)
    {
        [".webm"] = "video/webm",
        [".mp4"] = "video/mp4",
        [".webp"] = "image/webp",
        [".gif"] = "image/gif",
        [".png"] = "image/png",
    };

    private string Runs => Path.GetFullPath(run.Options.Runs ?? Path.Combine(run.Folder, ".."));

    /// <summary>The films, the newest first. A picture of the learning curve is none.</summary>
    public (string Name, string Type, long Bytes, DateTime Changed)[] Films() =>
    [
        .. new DirectoryInfo(run.Folder) is { Exists: true } folder
            ? folder.EnumerateFiles()
                .Where(file => s_films.ContainsKey(file.Extension) && file.LinkTarget is null && file.Name != "curve.png")
                .OrderByDescending(file => file.LastWriteTimeUtc)
                .Select(file => (file.Name, s_films[file.Extension], file.Length, file.LastWriteTimeUtc))
            : [],
    ];

    /// <summary>A film's path and kind; null where there is none of that name.</summary>
    public (string Path, string Type)? Film(string name)
    {
        foreach ((string film, string type, _, _) in Films())
        {
            if (film == name)
                return (Path.Combine(run.Folder, film), type);
        }

        return null;
    }

    /// <summary>The names of the runs that have a history, this one left out, the newest first; at most 200.</summary>
    public string[] OtherRuns() =>
    [
        .. new DirectoryInfo(Runs) is { Exists: true } folder
            ? folder.EnumerateDirectories()
                .Where(other => !string.Equals(other.FullName, run.Folder, StringComparison.Ordinal))
                .Select(other => (other.Name, History: new FileInfo(Path.Combine(other.FullName, "history.csv"))))
                .Where(other => other.History.Exists)
                .OrderByDescending(other => other.History.LastWriteTimeUtc)
                .Take(200)
                .Select(other => other.Name)
            : [],
    ];

    /// <summary>Another run's curves as JSON, as the event "points" has them; null where there is no such run.</summary>
    /// <exception cref="InvalidDataException">Its history is damaged.</exception>
    public byte[]? Curves(string name)
    {
        if (!OtherRuns().Contains(name))
            return null;
        RunHistory history = RunHistory.Read(Path.Combine(Runs, name));
        var series = new SeriesStore();
        foreach (string column in history.Columns.Skip(1))
        {
            foreach ((double step, double value) in history.Series(column))
                series.Add(column, (long)step, value);
        }

        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
            series.WriteNew(writer, []);
        return json.ToArray();
    }
}
