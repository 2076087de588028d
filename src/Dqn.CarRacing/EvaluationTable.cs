using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Dqn.Training;

namespace Dqn.CarRacing;

/// <summary>An evaluation on CarRacing track by track, and its summary: with the laps, which a return alone does not tell.</summary>
public static class EvaluationTable
{
    /// <summary>The return that counts as solving the task: Gymnasium's.</summary>
    public const double Solved = 900;

    /// <summary>A line for each track, then three that sum up.</summary>
    public static void Print(TextWriter writer, EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(result);
        writer.WriteLine($"{"seed",12}  {"return",9}  {"frames",6}  {"agent steps",11}");
        for (int i = 0; i < result.Episodes.Length; i++)
        {
            EpisodeSummary episode = result.Episodes[i];
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.FirstSeed + (ulong)i,12}  {episode.Return,9:0.00}  {episode.Frames,6}  {episode.Steps,11}{Ending(episode)}"));
        }

        foreach (string line in Summary(result))
            writer.WriteLine(line);
    }

    /// <summary>What the returns and the laps come to: three lines of at most 80 columns for up to 1,000 tracks.</summary>
    public static ImmutableArray<string> Summary(EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        int tracks = result.Episodes.Length, solved = result.Episodes.Count(episode => episode.Return >= Solved);
        List<EpisodeSummary> laps = [.. result.Episodes.Where(IsLap)];
        string length = laps.Count == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $", {laps.Average(lap => lap.Frames):0.0} frames on average");
        return
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"{tracks} tracks: mean {result.Mean:0.00}, standard deviation {result.StandardDeviation:0.00}"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"min {result.Minimum:0.00}, 10th percentile {result.Percentile10:0.00}, max {result.Maximum:0.00}"),
            $"{solved} of {tracks} returns at or above {Solved:0}, {laps.Count} laps finished{length}",
        ];
    }

    /// <summary>The same as CSV, returns with all their digits.</summary>
    public static string Csv(EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var table = new StringBuilder("seed,return,agent_steps,terminated,frames,lap_finished\n");
        for (int i = 0; i < result.Episodes.Length; i++)
        {
            EpisodeSummary episode = result.Episodes[i];
            table.Append(CultureInfo.InvariantCulture,
                $"{result.FirstSeed + (ulong)i},{episode.Return:R},{episode.Steps}," +
                $"{(episode.Terminated ? 1 : 0)},{episode.Frames},{(IsLap(episode) ? 1 : 0)}\n");
        }

        return table.ToString();
    }

    /// <summary>
    /// Whether the episode ended with a finished lap. A frame costs 0.1 and all tiles give 1000; a lap needs 95 % of
    /// them, and leaving the playfield, the only other way to terminate, costs 100: so what an episode gave without its
    /// frames' cost is at least 950 with a lap and at most 900 without.
    /// </summary>
    private static bool IsLap(EpisodeSummary episode) => episode.Terminated && episode.Return + 0.1 * episode.Frames > 925;

    private static string Ending(EpisodeSummary episode) =>
        IsLap(episode) ? "" : episode.Terminated ? "  left the playfield" : "  no lap in time";
}
