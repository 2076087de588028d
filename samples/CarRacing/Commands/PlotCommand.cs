using System.CommandLine;
using Dqn.CarRacing;
using Dqn.Media;
using Dqn.Training;

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
        var over = new Option<LearningCurveAxis>("--over") { Description = "What the curves are drawn over: steps, or time (minutes of training)." };
        var command = new Command("plot", "Draw the evaluations of several runs in one plot.") { runs, output, title, least, over };
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(output).FullName;
            DirectoryInfo[] folders = result.GetRequiredValue(runs);
            LinePlot plot = LearningCurve.OfSeveral(
                folders.Select(run => (run.Name, RunHistory.Read(run.FullName))), result.GetValue(title)!, EvaluationTable.Solved, result.GetValue(over));
            (plot with { YMin = result.GetValue(least) }).Save(path);
            Console.WriteLine($"{path}: the evaluations of {folders.Length} runs");
        });
        return command;
    }
}
