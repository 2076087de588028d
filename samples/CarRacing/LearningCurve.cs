using Dqn.Media;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>The evaluations of a run so far as a plot: curve.svg and curve.png.</summary>
internal static class LearningCurve
{
    /// <summary>The return that counts as solving the task, for a plot of returns.</summary>
    public static ReferenceLine Solved { get; } = new(EvaluationTable.Solved, "solved");

    public static void Draw(string folder, string title, CsvMetricSink history)
    {
        int mean = history.Columns.IndexOf("evaluation/mean"), deviation = history.Columns.IndexOf("evaluation/std");
        int training = history.Columns.IndexOf("train/mean_return");
        var evaluations = history.Rows.Where(row => double.IsFinite(row.Values[mean])).ToList();
        if (evaluations.Count == 0)
            return;

        var trained = history.Rows.Where(row => double.IsFinite(row.Values[training])).ToList();
        var plot = new LinePlot
        {
            Title = title,
            XLabel = "agent steps",
            YLabel = "return of an episode",
            Series =
            [
                new LineSeries("evaluation, mean ± standard deviation", [.. evaluations.Select(row => (double)row.Step)], [.. evaluations.Select(row => row.Values[mean])])
                    { Markers = HasMarkers(evaluations.Count) }.WithDeviation([.. evaluations.Select(row => row.Values[deviation])]),
                new LineSeries("training, mean of the last 100 episodes", [.. trained.Select(row => (double)row.Step)], [.. trained.Select(row => row.Values[training])])
                    { LineWidth = 1.5, Opacity = 0.8 },
            ],
            ReferenceLines = [Solved],
        };
        plot.Save(Path.Combine(folder, "curve.svg"));
        plot.Save(Path.Combine(folder, "curve.png"));
    }

    /// <summary>Whether a line through so many evaluations still has room for a marker at each.</summary>
    public static bool HasMarkers(int evaluations) => evaluations <= 60;
}
