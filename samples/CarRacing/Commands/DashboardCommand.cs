using System.CommandLine;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Shows a run that is over in a browser.</summary>
internal static class DashboardCommand
{
    public static Command Create()
    {
        var run = new Argument<DirectoryInfo?>("run")
        {
            Description = "A run folder. Default: the latest in runs that has a checkpoint.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var port = new Option<int>("--port") { Description = "Where to listen on this machine. Default: a free port." };
        var command = new Command("dashboard", "Show a run that is over as a page in the browser, until Ctrl-C.") { run, port };
        command.SetAction(result =>
        {
            string folder = result.GetValue(run)?.FullName ?? RunFolders.Latest("runs")
                ?? throw new InvalidOperationException($"There is no run in {Path.GetFullPath("runs")}.");
            using var interruption = new Interruption();
            using Dashboard dashboard = DashboardPage.Open(folder, result.GetValue(port));
            Console.WriteLine($"{folder}: {dashboard.Url}\nCtrl-C ends");
            interruption.Token.WaitHandle.WaitOne();
        });
        return command;
    }
}
