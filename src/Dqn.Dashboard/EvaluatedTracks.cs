using System.Globalization;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>An evaluation episode by episode.</summary>
/// <param name="Step">The agent step after which it was; −1 where that is not known.</param>
/// <param name="Episodes">Each one's seed, its return, how many steps it took, and whether the task ended.</param>
internal sealed record EvaluatedTracks(
    long Step, IReadOnlyList<(ulong Seed, double Return, long Steps, bool Terminated)> Episodes)
{
    /// <summary>The file that a run may keep its last evaluation in.</summary>
    public const string FileName = "evaluation.csv";

    public static EvaluatedTracks Of(long step, EvaluationResult result) => new(step,
    [
        .. result.Episodes.Select((episode, i) =>
            (result.FirstSeed + (ulong)i, episode.Return, (long)episode.Steps, episode.Terminated)),
    ]);

    /// <summary>Reads columns <c>seed</c>, <c>return</c>, <c>agent_steps</c> and <c>terminated</c>; null where a file has others.</summary>
    public static EvaluatedTracks? Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] columns = lines.Length == 0 ? [] : lines[0].Split(',');
        int[] places = [.. new[] { "seed", "return", "agent_steps", "terminated" }.Select(name => Array.IndexOf(columns, name))];
        if (places.Contains(-1))
            return null;
        List<(ulong, double, long, bool)> episodes = [];
        foreach (string line in lines.Skip(1))
        {
            string[] cells = line.Split(',');
            if (cells.Length != columns.Length ||
                !ulong.TryParse(cells[places[0]], CultureInfo.InvariantCulture, out ulong seed) ||
                !double.TryParse(cells[places[1]], CultureInfo.InvariantCulture, out double sum) ||
                !long.TryParse(cells[places[2]], CultureInfo.InvariantCulture, out long steps))
                return null;
            episodes.Add((seed, sum, steps, cells[places[3]] is "1" or "True" or "true"));
        }

        return new EvaluatedTracks(-1, episodes);
    }
}
