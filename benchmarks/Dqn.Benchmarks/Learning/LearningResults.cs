using System.Collections.Immutable;
using Dqn.Files;

namespace Dqn.Benchmarks.Learning;

/// <summary>
/// The finished trainings, in two files that are always whole: results.csv with a line for each, curves.csv with its
/// evaluations. Safe for concurrent use.
/// </summary>
internal sealed class LearningResults
{
    private readonly Lock _lock = new();
    private readonly string _results, _curves;
    private readonly SortedDictionary<string, (CellResult Result, ImmutableArray<CurvePoint> Curve)> _cells = new(StringComparer.Ordinal);

    public LearningResults(string folder)
    {
        Directory.CreateDirectory(folder);
        (_results, _curves) = (Path.Combine(folder, "results.csv"), Path.Combine(folder, "curves.csv"));
        ILookup<CellKey, CurvePoint> curves = Lines(_curves).Select(CurvePoint.Parse).ToLookup(point => point.Key);
        foreach (CellResult result in Lines(_results).Select(CellResult.Parse))
            _cells[Order(result.Key)] = (result, [.. curves[result.Key]]);
    }

    /// <summary>Keeps the folder to the caller until it is disposed: two that write would lose each other's lines.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    public static IDisposable Hold(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.GetFullPath(Path.Combine(folder, "results.lock"));
        return LockFile.Hold(
            path, $"Expected a folder that no other process trains for; one holds {path}: wait for it, or choose another folder with --out.");
    }

    /// <summary>All of them, with their evaluations, by task, agent, steps and seed.</summary>
    public ImmutableArray<(CellResult Result, ImmutableArray<CurvePoint> Curve)> All
    {
        get
        {
            lock (_lock)
                return [.. _cells.Values];
        }
    }

    /// <summary>The result of a training, if it is finished.</summary>
    public CellResult? Find(CellKey key)
    {
        lock (_lock)
            return _cells.TryGetValue(Order(key), out var cell) ? cell.Result : null;
    }

    /// <summary>Takes a finished training in; an older one of the same key goes.</summary>
    public void Add(CellResult result, ImmutableArray<CurvePoint> curve)
    {
        lock (_lock)
        {
            _cells[Order(result.Key)] = (result, curve);
            Write(_results, CellResult.Header, _cells.Values.Select(cell => cell.Result.Format()));
            Write(_curves, CurvePoint.Header, _cells.Values.SelectMany(cell => cell.Curve).Select(point => point.Format()));
        }
    }

    private static string Order(CellKey key) => $"{key.Task}|{key.Agent}|{key.Steps:000000000000}|{key.Seed:00000}";

    private static IEnumerable<string> Lines(string path) => File.Exists(path) ? File.ReadLines(path).Skip(1) : [];

    private static void Write(string path, string header, IEnumerable<string> lines) => ReplacingFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(header);
        foreach (string line in lines)
            writer.WriteLine(line);
    });
}
