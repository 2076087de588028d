using System.Text.Json;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>What a run is doing, in a word, and its numbers.</summary>
internal static class RunState
{
    /// <summary>training, evaluating, pausing, paused, stopping, or how it ended.</summary>
    public static string Of(WatchedRun run)
    {
        if (run.Ending is { } ending)
            return ending;
        RunControl? control = run.Control;
        return control is null ? "over"
            : control.IsStopRequested ? "stopping"
            : control.IsPaused ? "paused"
            : control.IsPauseRequested ? "pausing"
            : run.Status.Evaluating is not null ? "evaluating"
            : "training";
    }

    public static void Write(Utf8JsonWriter writer, string state, RunStatus status)
    {
        writer.WriteStartObject();
        writer.WriteString("state", state);
        writer.WriteNumber("step", status.Step);
        writer.WriteNumber("totalSteps", status.TotalSteps);
        writer.WriteNumber("episodes", status.Episodes);
        writer.WriteBoolean("warmingUp", status.WarmingUp);
        writer.WriteNumber("bestStep", status.BestStep);
        Number("epsilon", status.Epsilon);
        Number("loss", status.Loss);
        Number("meanReturn", status.MeanReturn);
        Number("best", status.Best);
        Number("stepsPerSecond", status.StepsPerSecond);
        Number("timeLeft", status.TimeLeft);
        Number("trainingTime", status.TrainingTime);
        if (status.Evaluating is { } evaluating)
        {
            writer.WriteStartArray("evaluating");
            writer.WriteNumberValue(evaluating.Ended);
            writer.WriteNumberValue(evaluating.Episodes);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();

        void Number(string name, double value)
        {
            if (double.IsFinite(value))
                writer.WriteNumber(name, Math.Round(value, 6));
        }
    }
}
