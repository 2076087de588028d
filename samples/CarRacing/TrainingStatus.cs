using System.Diagnostics;
using Dqn.Agents;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>What a person at the terminal wants to know of a training, kept up to date event by event.</summary>
internal sealed class TrainingStatus(TrainingRun run, DqnAgent agent)
{
    // Speed over the last few seconds, so that a slow start (the warm-up is far faster) does not linger.
    private readonly Queue<(double Time, long Step)> _pace = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private double _loss = double.NaN, _meanValue = double.NaN;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public long Steps => run.Steps;

    public long TotalSteps => run.Options.TotalSteps;

    public long Episodes => run.Episodes;

    public double Epsilon => agent.Steps < agent.Options.WarmupSteps ? 1 : agent.Epsilon;

    public bool WarmingUp => agent.Steps < agent.Options.WarmupSteps;

    /// <summary>Loss, averaged over about the last 100 updates; NaN before the first.</summary>
    public double Loss => _loss;

    /// <summary>The value of the actions taken, averaged likewise.</summary>
    public double MeanValue => _meanValue;

    public List<double> LastReturns { get; } = [];

    public EvaluationResult? LastEvaluation { get; private set; }

    public long LastEvaluationStep { get; private set; }

    public double BestEvaluation => run.Best.Mean;

    public double MeanReturn => run.Returns.Mean;

    public double StepsPerSecond { get; private set; }

    /// <summary>Until the last step, or the time limit if that comes before; null while the speed is not known.</summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            TimeSpan? steps = StepsPerSecond > 0 ? TimeSpan.FromSeconds((TotalSteps - Steps) / StepsPerSecond) : null;
            TimeSpan? limit = run.Options.MaxTime - run.TrainingTime;
            return limit is null || steps < limit ? steps : limit > TimeSpan.Zero ? limit : TimeSpan.Zero;
        }
    }

    public void Add(in TrainingEvent happened)
    {
        if (happened.Step.Learned is { } learned)
        {
            _loss = Average(_loss, learned.Loss);
            _meanValue = Average(_meanValue, learned.MeanValue);
        }

        if (happened.Step.Episode is { } episode)
        {
            LastReturns.Add(episode.Return);
            if (LastReturns.Count > 5)
                LastReturns.RemoveAt(0);
        }

        if (happened.Evaluation is { } evaluation)
            (LastEvaluation, LastEvaluationStep) = (evaluation, Steps);
    }

    /// <summary>Brings the speed up to date; called a few times a second.</summary>
    public void Tick()
    {
        double now = Elapsed.TotalSeconds;
        _pace.Enqueue((now, Steps));
        while (_pace.Count > 2 && now - _pace.Peek().Time > 10)
            _pace.Dequeue();
        (double time, long step) = _pace.Peek();
        if (now > time)
            StepsPerSecond = (Steps - step) / (now - time);
    }

    private static double Average(double average, double value) => double.IsNaN(average) ? value : average + 0.01 * (value - average);
}
