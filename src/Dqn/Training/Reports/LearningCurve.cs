using Dqn.Media;

namespace Dqn.Training;

/// <summary>How a run has learnt, as a plot: <c>LearningCurve.Of(RunHistory.Read(folder), "my run").Save("curve.svg")</c>.</summary>
public static class LearningCurve
{
    // More markers than these run into each other.
    private const int MostMarkers = 60;

    /// <summary>One run: its evaluations with their deviation, and the mean return of its training episodes.</summary>
    /// <param name="history">At least one evaluation or one report of training returns.</param>
    /// <param name="title">The plot's title.</param>
    /// <param name="solved">A return that counts as solving the task, drawn as a line; null for none.</param>
    public static LinePlot Of(RunHistory history, string title, double? solved = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        IReadOnlyList<(double Step, double Value)> means = history.Series(RunHistory.EvaluationMeanColumn);
        IReadOnlyList<(double Step, double Value)> deviations = history.Series(RunHistory.EvaluationDeviationColumn);
        IReadOnlyList<(double Step, double Value)> training = history.Series(RunHistory.TrainingMeanColumn);
        List<LineSeries> series = [];
        if (means.Count > 0)
            series.Add(Line("evaluation, mean ± standard deviation", means).WithDeviation([.. deviations.Select(one => one.Value)]));
        if (training.Count > 0)
            series.Add(Line("training, mean of the last 100 episodes", training) with { Markers = false, LineWidth = 1.5, Opacity = 0.8 });
        return Plot(title, "return of an episode", series, solved);
    }

    /// <summary>The evaluations of several runs in one plot.</summary>
    /// <param name="runs">Name and history of each, at least one evaluation in each.</param>
    /// <param name="title">The plot's title.</param>
    /// <param name="solved">A return that counts as solving the task, drawn as a line; null for none.</param>
    /// <exception cref="InvalidDataException">A run has no evaluation yet: the message names it.</exception>
    public static LinePlot OfSeveral(
        IEnumerable<(string Name, RunHistory History)> runs, string title, double? solved = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return Plot(title, "mean return of an evaluation", [.. runs.Select(Evaluations)], solved);

        static LineSeries Evaluations((string Name, RunHistory History) run) =>
            run.History.Series(RunHistory.EvaluationMeanColumn) is { Count: > 0 } means
                ? Line(run.Name, means)
                : throw new InvalidDataException($"{run.Name} has no evaluation yet.");
    }

    private static LineSeries Line(string name, IReadOnlyList<(double Step, double Value)> points) =>
        new(name, [.. points.Select(point => point.Step)], [.. points.Select(point => point.Value)])
        {
            Markers = points.Count <= MostMarkers,
        };

    private static LinePlot Plot(string title, string yLabel, IReadOnlyList<LineSeries> series, double? solved) => new()
    {
        Title = title,
        XLabel = "agent steps",
        YLabel = yLabel,
        Series = [.. series],
        ReferenceLines = solved is { } line ? [new ReferenceLine(line, "solved")] : [],
    };
}
