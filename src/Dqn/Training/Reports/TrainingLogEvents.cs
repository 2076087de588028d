namespace Dqn.Training;

/// <summary>
/// The ids of what is logged to an <see cref="Microsoft.Extensions.Logging.ILogger"/>; an event's name is the constant's. They
/// stay what they are, so that filters and alarms can rely on them.
/// </summary>
public static class TrainingLogEvents
{
    /// <summary>The numbers of a step, by <see cref="LoggerMetricSink"/>: Step, and each metric by its name.</summary>
    public const int Metrics = 1;

    /// <summary>How a <see cref="Trainer"/> gets on: Step, Steps, Episodes, MeanReturn, Epsilon, StepsPerSecond.</summary>
    public const int TrainingProgress = 10;

    /// <summary>A run was resumed: Step.</summary>
    public const int Resumed = 20;

    /// <summary>A warning: a newer checkpoint was damaged, and an older one was taken: Damage.</summary>
    public const int CheckpointDamaged = 21;

    /// <summary>A checkpoint lies on the disk: Step.</summary>
    public const int CheckpointSaved = 22;

    /// <summary>An evaluation's result: Step, Mean, StandardDeviation, Episodes.</summary>
    public const int Evaluated = 23;

    /// <summary>A warning: <c>history.csv</c> could not be written now and will be tried again: Path, Problem.</summary>
    public const int HistoryNotWritten = 24;

    /// <summary>A warning: <c>options.json</c> could not be read and was kept aside: Path, Aside, Problem.</summary>
    public const int OptionsSetAside = 25;

    /// <summary>A warning: <c>options.json</c> could not be written: Path, Problem.</summary>
    public const int OptionsNotWritten = 26;
}
