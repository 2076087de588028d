using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Dqn.Media;
using Dqn.Training;

namespace Dqn.Benchmarks.Learning;

/// <summary>Finished trainings as a page: a table and a plot for each task.</summary>
internal sealed class LearningReport(ImmutableArray<(CellResult Result, ImmutableArray<CurvePoint> Curve)> cells)
{
    private const string Command = "dotnet run -c Release --project benchmarks/Dqn.Benchmarks -- learning";

    /// <summary>Writes README.md and the plots; what notes.md says is put at the end as it stands.</summary>
    public void Write(string folder)
    {
        var text = new StringBuilder();
        Begin(text);
        foreach (LearningTask task in LearningTask.All)
        {
            (CellResult Result, ImmutableArray<CurvePoint> Curve)[] ofTask = [.. cells.Where(cell => cell.Result.Task == task.Name)];
            if (ofTask.Length == 0)
                continue;
            string plot = $"{task.Name.Replace('/', '-')}.svg";
            Plot(task, ofTask).Save(Path.Combine(folder, plot));
            text.Append(CultureInfo.InvariantCulture, $"\n## {task.Name}\n\n![Learning curves]({plot})\n\n");
            Table(text, task, [.. ofTask.Select(cell => cell.Result)]);
        }

        End(text);
        string notes = Path.Combine(folder, "notes.md");
        if (File.Exists(notes))
            text.Append('\n').Append(File.ReadAllText(notes));
        File.WriteAllText(Path.Combine(folder, "README.md"), text.ToString());
    }

    private static void Begin(StringBuilder text) => text.Append(string.Create(CultureInfo.InvariantCulture, $"""
        # What agents learn

            {Command}

        trains every agent on every task with five seeds and writes this page. Finished trainings are kept in `results.csv`, with the options' digest,
        the commit, the machine and the command; interrupted ones go on from their checkpoint in `runs/learning`. A training whose options have
        changed is made again. `--task`, `--agent`, `--seeds`, `--steps`, `--hours` and `--jobs` choose; `--report` writes the page alone.

        **Score**: the mean return of greedy episodes after the last step, on seeds of their own: {LearningTask.All[0].Episodes} of them, 50 of MinAtar, 20
        of CarRacing. **In training**: the mean return of the last 100 episodes of training, exploration in it. Both are interquartile means over the
        seeds, with 95 % intervals of the stratified bootstrap (Agarwal et al. 2021). **Time** is training's alone, the seeds' median, one thread a training, as many
        at a time as there are processors. Rows in italics are what others report, with their own protocol, [below](#sources).

        Options are in [`LearningAgent`](../../Dqn.Benchmarks/Learning/LearningAgent.cs) and the files beside it: one set for each agent and family of
        tasks (numbers, MinAtar's cells, CarRacing's pictures), from the papers. Plain DQN has on CartPole, Acrobot and MountainCar what RL Baselines3
        Zoo tuned for each of them, so that its rows stand beside the zoo's with the same options. PQN's differ between these three, too, and quantiles
        keep random actions up on MountainCar.

        | agent | |
        |---|---|
        {string.Join('\n', LearningAgent.All.Select(agent => $"| {agent.Name} | {agent.Description} |"))}

        """).ReplaceLineEndings("\n"));

    private static void Table(StringBuilder text, LearningTask task, CellResult[] results)
    {
        text.Append("| agent | steps | seeds | score | in training | time | steps/s |\n|---|--:|--:|--:|--:|--:|--:|\n");
        var rows = from result in results
                   group result by (result.Steps, Agent: Order(result.Agent), result.Agent) into same
                   orderby same.Key.Steps, same.Key.Item2
                   select same;
        foreach (var same in rows)
        {
            CellResult[] seeds = [.. same];
            double seconds = Quantiles.Median(seeds.Select(seed => seed.Seconds));
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {same.Key.Item3} | {same.Key.Steps:N0} | {seeds.Length} | {Middle(seeds.Select(seed => seed.Score))} | " +
                $"{Middle(seeds.Select(seed => seed.Training))} | {Time(seconds)} | {same.Key.Steps / seconds:N0} |\n");
        }

        PublishedFigure[] published = [.. PublishedFigure.All.Where(figure => figure.Task == task.Name)];
        foreach (PublishedFigure figure in published)
        {
            // Of a curve the points at our budgets, and its end.
            bool shown = results.Any(result => result.Steps == figure.Steps) || figure == published.Last(one => one.Agent == figure.Agent);
            if (shown)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| *{figure.Agent}* [{figure.Source}](#sources) | {figure.Steps:N0} | | {figure.Score:0.0} | {figure.Training:0.0} | | |\n");
            }
        }
    }

    private static void End(StringBuilder text)
    {
        text.Append("\n## Sources\n\n");
        for (int i = 0; i < PublishedFigure.Sources.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{i + 1}. {PublishedFigure.Sources[i]}\n");
    }

    private static LinePlot Plot(LearningTask task, (CellResult Result, ImmutableArray<CurvePoint> Curve)[] cells)
    {
        // The table's own size, which all agents have.
        long shown = cells.Any(cell => cell.Result.Steps == task.Steps) ? task.Steps : cells.Max(cell => cell.Result.Steps);
        var series = from cell in cells
                     where cell.Result.Steps == shown
                     group cell by cell.Result.Agent into same
                     orderby Order(same.Key)
                     select Line(same.Key, [.. same.SelectMany(cell => cell.Curve)]);
        return new LinePlot
        {
            Title = $"{task.Name}: greedy return, interquartile mean, 95 % interval",
            XLabel = "agent steps",
            YLabel = "return of an episode",
            Series = [.. series],
            ReferenceLines =
            [
                .. PublishedFigure.All.Where(figure => figure.Task == task.Name && figure.Agent == "DQN" && figure.Steps == shown)
                    .Select(figure => new ReferenceLine(figure.Score ?? figure.Training!.Value, "published")),
            ],
        };
    }

    private static LineSeries Line(string agent, CurvePoint[] points)
    {
        IGrouping<double, CurvePoint>[] steps = [.. points.GroupBy(point => point.Step).OrderBy(step => step.Key)];
        double[][] scores = [.. steps.Select(step => step.Select(point => point.Score).ToArray())];
        (double Low, double High)[] intervals = [.. scores.Select(seeds => InterquartileMean.Interval([seeds], resamples: 500))];
        return new LineSeries(agent, [.. steps.Select(step => step.Key)], [.. scores.Select(seeds => InterquartileMean.Of(seeds))])
        {
            BandLow = [.. intervals.Select(interval => interval.Low)],
            BandHigh = [.. intervals.Select(interval => interval.High)],
        };
    }

    private static string Middle(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length == 0)
            return "";
        double middle = InterquartileMean.Of(finite);
        if (finite.Length == 1)
            return string.Create(CultureInfo.InvariantCulture, $"{middle:0.0}");
        (double low, double high) = InterquartileMean.Interval([finite]);
        return string.Create(CultureInfo.InvariantCulture, $"{middle:0.0} [{low:0.0}, {high:0.0}]");
    }

    private static string Time(double seconds) => seconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.0} min");

    private static int Order(string agent)
    {
        int index = LearningAgent.All.Select(one => one.Name).ToList().IndexOf(agent);
        return index < 0 ? int.MaxValue : index;
    }
}
