using System.CommandLine;
using Dqn.Media;

namespace Dqn.Samples.CarRacing;

/// <summary>The learning curves of several runs in one plot.</summary>
internal static class PlotCommand
{
    public static Command Create()
    {
        var runs = new Argument<DirectoryInfo[]>("run")
        {
            Description = "Run folders, each with a history.csv.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<FileInfo>("--out", "-o") { Description = "The plot: .svg or .png.", Required = true };
        var title = new Option<string>("--title") { Description = "Its title.", DefaultValueFactory = _ => "Mean return of the evaluations" };
        var least = new Option<double?>("--from") { Description = "Where the axis of returns begins. Default: with the least." };
        var command = new Command("plot", "Draw the evaluations of several runs in one plot.") { runs, output, title, least };
        command.SetAction(result => new LinePlot
        {
            Title = result.GetValue(title)!,
            XLabel = "agent steps",
            YLabel = "mean return of an evaluation",
            YMin = result.GetValue(least),
            Series = [.. result.GetRequiredValue(runs).Select(Evaluations)],
            ReferenceLines = [LearningCurve.Solved],
        }.Save(result.GetRequiredValue(output).FullName));
        return command;
    }

    private static LineSeries Evaluations(DirectoryInfo run)
    {
        List<(double Step, double Mean)> evaluations = RunHistory.Evaluations(Path.Combine(run.FullName, "history.csv"));
        return new LineSeries(run.Name, [.. evaluations.Select(one => one.Step)], [.. evaluations.Select(one => one.Mean)])
        {
            Markers = LearningCurve.HasMarkers(evaluations.Count),
        };
    }
}
