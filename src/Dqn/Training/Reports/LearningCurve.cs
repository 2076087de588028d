using Dqn.Media;

namespace Dqn.Training;

/// <summary>What a learning curve is drawn over.</summary>
public enum LearningCurveAxis
{
    /// <summary>Agent steps.</summary>
    Steps,

    /// <summary>Minutes of training, without evaluations and checkpoints; see <see cref="RunHistory.SecondsColumn"/>.</summary>
    Time,
}

/// <summary>How a run has learnt, as a plot: <c>LearningCurve.Of(RunHistory.Read(folder), "my run").Save("curve.svg")</c>.</summary>
public static class LearningCurve
{
    // More markers than these run into each other.
    private const int MostMarkers = 60;

    /// <summary>One run: its evaluations with their deviation, and the mean return of its training episodes.</summary>
    /// <param name="history">At least one evaluation or one report of training returns.</param>
    /// <param name="title">The plot's title.</param>
    /// <param name="solved">A return that counts as solving the task, drawn as a line; null for none.</param>
    /// <param name="over">What it is drawn over.</param>
    /// <exception cref="InvalidDataException">The history has no times, and they are asked for.</exception>
    public static LinePlot Of(
        RunHistory history, string title, double? solved = null, LearningCurveAxis over = LearningCurveAxis.Steps)
    {
        ArgumentNullException.ThrowIfNull(history);
        IReadOnlyList<(double X, double Value)> means = Series(history, over, RunHistory.EvaluationMeanColumn);
        IReadOnlyList<(double X, double Value)> deviations = Series(history, over, RunHistory.EvaluationDeviationColumn);
        IReadOnlyList<(double X, double Value)> training = Series(history, over, RunHistory.TrainingMeanColumn);
        List<LineSeries> series = [];
        if (means.Count > 0)
            series.Add(Line("evaluation, mean ± standard deviation", means).WithDeviation([.. deviations.Select(one => one.Value)]));
        if (training.Count > 0)
            series.Add(Line("training, mean of the last 100 episodes", training) with { Markers = false, LineWidth = 1.5, Opacity = 0.8 });
        return Plot(title, over, "return of an episode", series, solved);
    }

    /// <summary>The evaluations of several runs in one plot.</summary>
    /// <param name="runs">Name and history of each, at least one evaluation in each.</param>
    /// <param name="title">The plot's title.</param>
    /// <param name="solved">A return that counts as solving the task, drawn as a line; null for none.</param>
    /// <param name="over">What they are drawn over.</param>
    /// <exception cref="InvalidDataException">
    /// A run has no evaluation yet, or no times where they are asked for: the message names it.
    /// </exception>
    public static LinePlot OfSeveral(
        IEnumerable<(string Name, RunHistory History)> runs, string title, double? solved = null,
        LearningCurveAxis over = LearningCurveAxis.Steps)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return Plot(title, over, "mean return of an evaluation", [.. runs.Select(Evaluations)], solved);

        LineSeries Evaluations((string Name, RunHistory History) run)
        {
            if (over == LearningCurveAxis.Time && !run.History.Columns.Contains(RunHistory.SecondsColumn))
            {
                throw new InvalidDataException(
                    $"{run.Name}: expected a column '{RunHistory.SecondsColumn}' in its history; draw it over steps.");
            }

            return Series(run.History, over, RunHistory.EvaluationMeanColumn) is { Count: > 0 } means
                ? Line(run.Name, means)
                : throw new InvalidDataException($"{run.Name} has no evaluation yet.");
        }
    }

    private static IReadOnlyList<(double X, double Value)> Series(RunHistory history, LearningCurveAxis over, string column) =>
        over == LearningCurveAxis.Steps
            ? history.Series(column)
            : [.. history.Series(RunHistory.SecondsColumn, column).Select(point => (point.Over / 60, point.Value))];

    private static LineSeries Line(string name, IReadOnlyList<(double X, double Value)> points) =>
        new(name, [.. points.Select(point => point.X)], [.. points.Select(point => point.Value)])
        {
            Markers = points.Count <= MostMarkers,
        };

    private static LinePlot Plot(
        string title, LearningCurveAxis over, string yLabel, IReadOnlyList<LineSeries> series, double? solved) => new()
    {
        Title = title,
        XLabel = over == LearningCurveAxis.Steps ? "agent steps" : "minutes of training",
        YLabel = yLabel,
        Series = [.. series],
        ReferenceLines = solved is { } line ? [new ReferenceLine(line, "solved")] : [],
    };
}
