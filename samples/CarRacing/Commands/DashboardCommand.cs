using System.CommandLine;
using Dqn.CarRacing;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Shows a run as a page in a browser: one that is over as a command, one that trains with <c>train --dashboard</c>.</summary>
internal static class DashboardCommand
{
    public static Command Create()
    {
        var run = new Argument<DirectoryInfo?>("run") { Description = "A run folder. Default: the latest in runs that has a checkpoint.", Arity = ArgumentArity.ZeroOrOne };
        var port = new Option<int>("--port") { Description = "Where to listen on this machine. Default: a free port." };
        var command = new Command("dashboard", "Show a run that is over as a page in the browser, until Ctrl-C.") { run, port };
        command.SetAction(result =>
        {
            string folder = result.GetValue(run)?.FullName ?? RunFolders.Latest("runs")
                ?? throw new InvalidOperationException($"There is no run in {Path.GetFullPath("runs")}.");
            using var interruption = new Interruption();
            using Dashboard dashboard = Dashboard.Open(folder, Options(result.GetValue(port)));
            Console.WriteLine($"{folder}: {dashboard.Url}\nCtrl-C ends");
            interruption.Token.WaitHandle.WaitOne();
        });
        return command;
    }

    /// <summary>Watches a run that is about to train. Where the port is taken, another one is, and that is said.</summary>
    public static Dashboard Start(TrainingRun run, int port, Action<string> write)
    {
        try
        {
            var dashboard = Dashboard.Start(run, Options(port));
            write($"dashboard: {dashboard.Url}");
            return dashboard;
        }
        catch (IOException exception) when (port != 0)
        {
            write($"note: {exception.Message} A free one is taken.");
            return Start(run, port: 0, write);
        }
    }

    private static DashboardOptions Options(int port) =>
        new() { Port = port, ActionNames = ["nothing", "right", "left", "gas", "brake"], Solved = EvaluationTable.Solved };
}
