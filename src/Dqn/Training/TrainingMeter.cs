using System.Diagnostics.Metrics;

namespace Dqn.Training;

/// <summary>
/// The meter <c>Dqn</c>, for <c>dotnet-counters</c>, OpenTelemetry or a <see cref="MeterListener"/>: what every training
/// loop and evaluator of the process reports. Without a listener it costs a few comparisons a step.
/// </summary>
internal static class TrainingMeter
{
    private static readonly Meter s_meter = new("Dqn");

    private static readonly Counter<long> s_steps =
        s_meter.CreateCounter<long>("dqn.steps", "{step}", "Agent steps made.");

    private static readonly Counter<long> s_updates =
        s_meter.CreateCounter<long>("dqn.updates", "{update}", "Updates of the network made.");

    private static readonly Histogram<double> s_loss =
        s_meter.CreateHistogram<double>("dqn.loss", description: "The mean loss of an update's batch.");

    private static readonly Histogram<double> s_meanValue = s_meter.CreateHistogram<double>(
        "dqn.mean_value", description: "The mean value of the actions taken in an update's batch.");

    private static readonly Histogram<double> s_error = s_meter.CreateHistogram<double>(
        "dqn.td_error", description: "The mean of |target − value| over an update's batch.");

    private static readonly Histogram<double> s_gradientNorm = s_meter.CreateHistogram<double>(
        "dqn.gradient_norm", description: "The gradient's L2 norm before clipping, where it is computed.");

    private static readonly Histogram<double> s_return =
        s_meter.CreateHistogram<double>("dqn.return", description: "The return of a training episode that ended.");

    private static readonly Histogram<double> s_evaluation =
        s_meter.CreateHistogram<double>("dqn.evaluation", description: "The mean return of an evaluation.");

    /// <summary>Reports a step.</summary>
    /// <param name="step">What happened.</param>
    /// <param name="updates">How many updates it made.</param>
    public static void Record(in TrainingStep step, long updates)
    {
        s_steps.Add(1);
        if (step.Episode is { } episode)
            s_return.Record(episode.Return);
        if (step.Learned is not { } learned)
            return;
        s_updates.Add(updates);
        s_loss.Record(learned.Loss);
        s_meanValue.Record(learned.MeanValue);
        s_error.Record(learned.MeanAbsoluteTdError);
        if (learned.GradientNorm is { } norm)
            s_gradientNorm.Record(norm);
    }

    /// <summary>Reports an evaluation.</summary>
    public static void Record(EvaluationResult evaluation) => s_evaluation.Record(evaluation.Mean);
}
