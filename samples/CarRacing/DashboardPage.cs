using System.Collections.Immutable;
using Dqn.CarRacing;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>The page of a run, with the actions' names.</summary>
internal static class DashboardPage
{
    private static readonly ImmutableArray<string> s_actions = ["nothing", "right", "left", "gas", "brake"];

    /// <summary>Watches a run that is about to train. Where the port is taken, another one is, and that is said.</summary>
    public static Dashboard Start(TrainingRun run, int port, Action<string> write)
    {
        Dashboard dashboard;
        try
        {
            dashboard = Dashboard.Start(run, Options(port));
        }
        catch (IOException exception) when (port != 0)
        {
            write($"note: {exception.Message} A free one is taken.");
            dashboard = Dashboard.Start(run, Options(0));
        }

        write($"dashboard: {dashboard.Url}");
        return dashboard;
    }

    /// <summary>Shows a run that is over.</summary>
    public static Dashboard Open(string folder, int port) => Dashboard.Open(folder, Options(port));

    private static DashboardOptions Options(int port) => new()
    {
        Port = port,
        ActionNames = s_actions,
        Solved = EvaluationTable.Solved,
    };
}
