using System.Globalization;

namespace Dqn.Training;

/// <summary>A training's status in words, no line wider than asked for.</summary>
internal static class StatusText
{
    private const int LabelWidth = 12;

    /// <summary>A panel: its title, then a line for each thing to know.</summary>
    /// <param name="status">What is told.</param>
    /// <param name="title">The first line.</param>
    /// <param name="width">Columns that a line may have.</param>
    public static string[] Panel(TrainingStatus status, string title, int width)
    {
        string steps = string.Create(CultureInfo.InvariantCulture, $" {status.Steps:N0} of {status.TotalSteps:N0}");
        return
        [
            $"\e[1m{Cut(title, width)}\e[0m",
            Row("steps", Bar((double)status.Steps / status.TotalSteps, width - LabelWidth - steps.Length) + steps),
            Row("speed", $"{Number(status.StepsPerSecond, "0.0")} steps/s, {Time(status.Elapsed)} gone, {Left(status)} left, evaluations aside"),
            Row("episodes", $"{Number(status.Episodes, "N0")}, last returns {string.Join("  ", status.LastReturns.Select(value => Number(value, "0")))}"),
            Row("mean return", $"{Number(status.MeanReturn, "0.0")} over the last 100 episodes, exploring"),
            Row("epsilon", status.WarmingUp ? "1 (warming up: random actions, nothing learnt yet)" : Number(status.Epsilon, "0.000")),
            Row("loss", Number(status.Loss, "0.0000")),
            Row("mean Q", Number(status.MeanValue, "0.00")),
            Row("evaluation", status.LastEvaluation is { } evaluation
                ? $"{Describe(evaluation)} after step {Number(status.LastEvaluationStep, "N0")}, best {Number(status.BestEvaluation, "0.0")}"
                : "none yet"),
        ];

        string Row(string label, string text) => $"\e[2m{label.PadRight(LabelWidth)}\e[0m{Cut(text, width - LabelWidth)}";
    }

    /// <summary>The same as one line of a log.</summary>
    public static string Line(TrainingStatus status) =>
        $"{Time(status.Elapsed)}  {status.Steps}/{status.TotalSteps}  {Number(status.StepsPerSecond, "0")}/s  " +
        $"return {Number(status.MeanReturn, "0.0")}  loss {Number(status.Loss, "0.0000")}  left {Left(status)}";

    /// <summary>An evaluation as a line of a log.</summary>
    public static string Evaluation(TrainingStatus status, EvaluationResult evaluation) =>
        $"{Time(status.Elapsed)}  evaluation after step {status.LastEvaluationStep}: {Describe(evaluation)}";

    private static string Describe(EvaluationResult evaluation) =>
        $"mean {Number(evaluation.Mean, "0.0")} ± {Number(evaluation.StandardDeviation, "0.0")}, min {Number(evaluation.Minimum, "0.0")}";

    private static string Bar(double part, int width)
    {
        width = Math.Clamp(width, 0, 40);
        int full = (int)(Math.Clamp(part, 0, 1) * width);
        return new string('█', full) + new string('░', width - full);
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..Math.Max(0, width)];

    private static string Number(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    private static string Left(TrainingStatus status) => status.TimeLeft is { } left ? Time(left) : "–";

    private static string Time(TimeSpan time) => $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}";
}
