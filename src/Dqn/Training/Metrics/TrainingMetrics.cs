using System.Collections.Immutable;
using System.Diagnostics;

namespace Dqn.Training;

/// <summary>The running means between two rows of metrics, and the metrics' names.</summary>
internal sealed class TrainingMetrics
{
    /// <summary>How many episodes the mean return is over.</summary>
    public const int ReturnWindow = 100;

    private MeanAccumulator _loss;
    private MeanAccumulator _value;
    private long _timedSteps;
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>
    /// The columns of <c>history.csv</c> that a run repeated gives again; <see cref="RunHistory.SecondsColumn"/> follows them.
    /// </summary>
    public static ImmutableArray<string> HistoryColumns { get; } =
    [
        "train/episodes", "train/epsilon", "train/loss", "train/mean_value", "train/mean_return",
        "evaluation/mean", "evaluation/std", "evaluation/min", "evaluation/p10", "evaluation/max",
        "evaluation/mean_steps",
    ];

    /// <summary>The last episodes' returns.</summary>
    public MovingStatistics Returns { get; } = new(ReturnWindow);

    /// <summary>The step after which the agent was evaluated last.</summary>
    public long EvaluatedStep { get; set; }

    public void Add(in TrainingStep step)
    {
        _timedSteps++;
        if (step.Learned is { } learned)
        {
            _loss.Add(learned.Loss);
            _value.Add(learned.MeanValue);
        }

        if (step.Episode is { } episode)
            Returns.Add(episode.Return);
    }

    /// <summary>Writes the means since the last time.</summary>
    public void WriteTraining(IMetricSink sink, long step, long episodes, double epsilon, TimeSpan trained)
    {
        sink.Write("train/episodes", step, episodes);
        sink.Write("train/epsilon", step, epsilon);
        sink.Write("train/loss", step, _loss.Mean);
        sink.Write("train/mean_value", step, _value.Mean);
        sink.Write("train/mean_return", step, Returns.Mean);
        sink.Write(RunHistory.SecondsColumn, step, Math.Round(trained.TotalSeconds, 3));
        if (_timedSteps > 0)
            sink.Write("speed/steps_per_second", step, _timedSteps / Stopwatch.GetElapsedTime(_since).TotalSeconds);
    }

    /// <summary>Begins new means.</summary>
    public void StartAgain()
    {
        (_loss, _value, _timedSteps) = (default, default, 0);
        _since = Stopwatch.GetTimestamp();
    }

    public static void WriteEpisode(IMetricSink sink, long step, EpisodeSummary episode)
    {
        sink.Write("episode/return", step, episode.Return);
        sink.Write("episode/steps", step, episode.Steps);
    }

    public static void WriteEvaluation(IMetricSink sink, long step, EvaluationResult evaluation)
    {
        sink.Write("evaluation/mean", step, evaluation.Mean);
        sink.Write("evaluation/std", step, evaluation.StandardDeviation);
        sink.Write("evaluation/min", step, evaluation.Minimum);
        sink.Write("evaluation/p10", step, evaluation.Percentile10);
        sink.Write("evaluation/max", step, evaluation.Maximum);
        sink.Write("evaluation/mean_steps", step, evaluation.MeanSteps);
    }

    public void SaveState(BinaryWriter writer)
    {
        _loss.SaveState(writer);
        _value.SaveState(writer);
        Returns.SaveState(writer);
        writer.Write(EvaluatedStep);
    }

    public void LoadState(BinaryReader reader)
    {
        _loss.LoadState(reader);
        _value.LoadState(reader);
        Returns.LoadState(reader);
        if (Returns.Count > 0 && !double.IsFinite(Returns.Mean))
            throw new InvalidDataException($"Metrics: expected finite returns, got a mean of {Returns.Mean}.");
        EvaluatedStep = reader.ReadInt64();
    }
}
