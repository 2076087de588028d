using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>What the folder of a run says, for a page to show when nobody trains in it.</summary>
internal static class FinishedRun
{
    /// <summary>Reads a run folder.</summary>
    /// <exception cref="IOException">There is no such folder, or no history in it.</exception>
    /// <exception cref="InvalidDataException">Its history is damaged: the message says how.</exception>
    public static WatchedRun Read(string folder, DashboardOptions options)
    {
        RunHistory history = RunHistory.Read(folder);
        var run = new WatchedRun(folder, options) { Ending = IsTraining(folder) ? "elsewhere" : "over" };
        var last = new Dictionary<string, (double Step, double Value)>();
        foreach ((double step, double pace) in TrainingPace.Of(Series(history, RunHistory.SecondsColumn)))
            run.Series.Add(CurveNames.Speed, (long)step, pace);
        foreach (string column in history.Columns.Skip(1).Where(column => column != RunHistory.SecondsColumn))
        {
            foreach ((double step, double value) in history.Series(column))
            {
                run.Series.Add(column, (long)step, value);
                last[column] = (step, value);
            }
        }

        JsonNode? record = ReadOptions(folder);
        run.Environment = (string?)Find(record?["settings"]?["environment"], "name");
        run.Actions = options.ActionNames;
        run.Tracks = ReadTracks(folder);
        IReadOnlyList<(double Step, double Value)> means = Series(history, RunHistory.EvaluationMeanColumn);
        double furthest = last.Count == 0 ? 0 : last.Values.Max(point => point.Step);
        (double bestStep, double best) = means.Count == 0 ? (0, double.NaN) : means.MaxBy(point => point.Value);
        run.Status = new RunStatus
        {
            Step = (long)furthest,
            TotalSteps = TotalSteps(record) ?? (long)furthest,
            Episodes = (long)Last("train/episodes", 0),
            Epsilon = Last("train/epsilon", double.NaN),
            Loss = Last("train/loss", double.NaN),
            MeanReturn = Last(RunHistory.TrainingMeanColumn, double.NaN),
            Best = best,
            BestStep = (long)bestStep,
        };
        WriteLog(run, record, means, Series(history, RunHistory.EvaluationDeviationColumn));
        return run;

        double Last(string column, double otherwise) => last.TryGetValue(column, out var point) ? point.Value : otherwise;
    }

    /// <summary>A run's <c>options.json</c>; null where it is missing or damaged.</summary>
    public static JsonNode? ReadOptions(string folder)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "options.json")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    // A training holds the file for itself.
    private static bool IsTraining(string folder)
    {
        try
        {
            using var held = new FileStream(Path.Combine(folder, "run.lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static EvaluatedTracks? ReadTracks(string folder)
    {
        try
        {
            return EvaluatedTracks.Read(Path.Combine(folder, EvaluatedTracks.FileName));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IReadOnlyList<(double Step, double Value)> Series(RunHistory history, string column) =>
        history.Columns.Contains(column) ? history.Series(column) : [];

    private static long? TotalSteps(JsonNode? record) =>
        record?["starts"] is JsonArray { Count: > 0 } starts && starts[^1]?["totalSteps"] is JsonValue value &&
        value.TryGetValue(out long steps) ? steps : null;

    // The first text of that name, however deep: wrappers lie around the task.
    private static JsonNode? Find(JsonNode? node, string name) => node switch
    {
        JsonObject all => all[name] is JsonValue value && value.TryGetValue(out string? _) ? value
            : all.Select(pair => Find(pair.Value, name)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static void WriteLog(
        WatchedRun run, JsonNode? record, IReadOnlyList<(double Step, double Value)> means,
        IReadOnlyList<(double Step, double Value)> deviations)
    {
        foreach (JsonNode? start in record?["starts"] as JsonArray ?? [])
        {
            if (DateTimeOffset.TryParse((string?)start?["time"], CultureInfo.InvariantCulture, out DateTimeOffset time) &&
                start?["step"] is JsonValue at && at.TryGetValue(out long step))
            {
                run.Log.Add(step == 0 ? "Training started." : string.Create(
                    CultureInfo.InvariantCulture, $"Training resumed after step {step:N0}."), time);
            }
        }

        for (int i = 0; i < means.Count; i++)
        {
            string deviation = i < deviations.Count ? string.Create(CultureInfo.InvariantCulture, $" ± {deviations[i].Value:0.0}") : "";
            run.Log.Add(string.Create(CultureInfo.InvariantCulture,
                $"Evaluation after step {means[i].Step:N0}: mean {means[i].Value:0.0}{deviation}."), DateTimeOffset.MinValue);
        }
    }
}
