using Dqn.Training;

namespace Dqn.Watching;

/// <summary>Where the run stands, in numbers; NaN where there is none yet.</summary>
internal sealed record RunStatus
{
    public static RunStatus None { get; } = new();

    public long Step { get; init; }

    public long TotalSteps { get; init; }

    public long Episodes { get; init; }

    public bool WarmingUp { get; init; }

    public double Epsilon { get; init; } = double.NaN;

    public double Loss { get; init; } = double.NaN;

    public double MeanReturn { get; init; } = double.NaN;

    public double Best { get; init; } = double.NaN;

    public long BestStep { get; init; }

    public double StepsPerSecond { get; init; } = double.NaN;

    /// <summary>Seconds.</summary>
    public double TimeLeft { get; init; } = double.NaN;

    /// <summary>Seconds of training, without evaluations and pauses.</summary>
    public double TrainingTime { get; init; } = double.NaN;

    /// <summary>How far an evaluation in progress has come; null where none is.</summary>
    public EvaluationProgress? Evaluating { get; init; }

    public bool Equals(RunStatus? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => base.GetHashCode();
}
