using System.Globalization;
using Dqn.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dqn.Samples.CarRacing;

/// <summary>Shows a training: a panel that renews itself in a terminal, a line every ten seconds in a file or pipe.</summary>
internal static class TrainingDisplay
{
    private static bool Interactive => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Runs through the events, showing what they say; <paramref name="onEvent"/> is called for each one.</summary>
    public static void Show(IEnumerable<TrainingEvent> events, TrainingStatus status, Action<TrainingEvent> onEvent)
    {
        if (Interactive)
        {
            AnsiConsole.Live(Panel(status)).Start(context => Follow(events, status, onEvent, TimeSpan.FromSeconds(0.25), () =>
            {
                context.UpdateTarget(Panel(status));
                context.Refresh();
            }));
        }
        else
        {
            Follow(events, status, onEvent, TimeSpan.FromSeconds(10), () => Console.WriteLine(Line(status)));
        }
    }

    private static void Follow(
        IEnumerable<TrainingEvent> events, TrainingStatus status, Action<TrainingEvent> onEvent, TimeSpan interval, Action show)
    {
        TimeSpan next = TimeSpan.Zero;
        foreach (TrainingEvent happened in events)
        {
            status.Add(happened);
            onEvent(happened);
            if (status.Elapsed < next && happened.Evaluation is null)
                continue;
            next = status.Elapsed + interval;
            status.Tick();
            show();
        }

        status.Tick();
        show();
    }

    private static string Line(TrainingStatus status)
    {
        string line = $"{Time(status.Elapsed)}  step {status.Steps} of {status.TotalSteps}  {Number(status.StepsPerSecond, "0.0")} steps/s  " +
            $"episodes {status.Episodes}  return {Number(status.MeanReturn, "0.0")}  epsilon {Number(status.Epsilon, "0.000")}  " +
            $"loss {Number(status.Loss, "0.0000")}  mean Q {Number(status.MeanValue, "0.00")}  left {Left(status)}";
        return status.LastEvaluation is { } evaluation && status.LastEvaluationStep == status.Steps
            ? $"{line}{Environment.NewLine}{Time(status.Elapsed)}  evaluation after step {status.Steps}: {Describe(evaluation)}"
            : line;
    }

    private static IRenderable Panel(TrainingStatus status)
    {
        double part = (double)status.Steps / status.TotalSteps;
        const int Width = 44;
        int full = (int)(part * Width);
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        grid.AddRow("steps", $"[green]{new string('█', full)}[/][grey]{new string('░', Width - full)}[/] {status.Steps:N0} of {status.TotalSteps:N0}");
        grid.AddRow("speed", $"{Number(status.StepsPerSecond, "0.0")} steps/s, {Time(status.Elapsed)} gone, {Left(status)} left");
        grid.AddRow("episodes", $"{status.Episodes:N0}, last returns [yellow]{string.Join("  ", status.LastReturns.Select(value => Number(value, "0")))}[/]");
        grid.AddRow("mean return", $"{Number(status.MeanReturn, "0.0")} over the last 100 episodes, exploring");
        grid.AddRow("epsilon", status.WarmingUp ? "1 (warming up: random actions, nothing learnt yet)" : Number(status.Epsilon, "0.000"));
        grid.AddRow("loss", Number(status.Loss, "0.0000"));
        grid.AddRow("mean Q", Number(status.MeanValue, "0.00"));
        grid.AddRow("evaluation", status.LastEvaluation is { } evaluation
            ? $"[bold]{Describe(evaluation)}[/] after step {status.LastEvaluationStep:N0}, best {Number(status.BestEvaluation, "0.0")}" : "none yet");
        return new Panel(grid).Header(" CarRacing · DQN · Ctrl-C saves and ends ").Expand();
    }

    private static string Describe(EvaluationResult evaluation) =>
        $"mean {Number(evaluation.Mean, "0.0")} ± {Number(evaluation.StandardDeviation, "0.0")}, min {Number(evaluation.Minimum, "0.0")}";

    private static string Number(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    private static string Left(TrainingStatus status) => status.TimeLeft is { } left ? Time(left) : "–";

    private static string Time(TimeSpan time) => $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}";
}
