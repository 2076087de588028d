using System.Diagnostics;
using Dqn.Agents;

namespace Dqn.Training;

/// <summary>
/// What a person wants to know of a training run, kept up to date event by event. Not safe for concurrent use.
/// </summary>
public sealed class TrainingStatus
{
    private const int ReturnsShown = 5;

    // Long enough for a steady figure, short enough to follow a machine that others use too.
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1), s_sample = TimeSpan.FromSeconds(0.25);

    private readonly TrainingRun _run;
    private readonly Queue<(TimeSpan Time, long Step)> _pace = new();
    private readonly Queue<double> _returns = new(ReturnsShown);
    private readonly long _start = Stopwatch.GetTimestamp();
    private (TimeSpan Time, long Step) _last;
    private bool _warm;

    /// <summary>The status of a run, which stays the caller's.</summary>
    public TrainingStatus(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _run = run;
        StartPace();
    }

    /// <summary>Agent steps made, over all resumptions.</summary>
    public long Steps => _run.Steps;

    /// <summary>The agent step after which the run is over.</summary>
    public long TotalSteps => _run.Options.TotalSteps;

    /// <summary>Episodes that have ended.</summary>
    public long Episodes => _run.Episodes;

    /// <summary>Whether the agent acts at random still and learns nothing.</summary>
    public bool WarmingUp => Learner.Steps < Learner.WarmupSteps;

    /// <summary>The exploration rate, 0 to 1; 1 while warming up.</summary>
    public double Epsilon => WarmingUp ? 1 : Learner.Epsilon;

    /// <summary>The loss, averaged over about the last 100 updates; NaN before the first.</summary>
    public double Loss { get; private set; } = double.NaN;

    /// <summary>The value of the actions taken, averaged likewise; NaN before the first update.</summary>
    public double MeanValue { get; private set; } = double.NaN;

    /// <summary>The returns of the last five episodes, the newest last.</summary>
    public IReadOnlyCollection<double> LastReturns => _returns;

    /// <summary>The mean return of the last 100 episodes, exploring; NaN before the first has ended.</summary>
    public double MeanReturn => _run.Returns.Mean;

    /// <summary>The last evaluation since the status was made; null before it.</summary>
    public EvaluationResult? LastEvaluation { get; private set; }

    /// <summary>After which agent step it was.</summary>
    public long LastEvaluationStep { get; private set; }

    /// <summary>How far an evaluation has come that is in progress; null where none is.</summary>
    internal (int Ended, int Episodes)? Evaluating { get; set; }

    /// <summary>The best evaluation's mean return; −∞ before the first.</summary>
    public double BestEvaluation => _run.Best.Mean;

    /// <summary>Time since the status was made, evaluations included.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Agent steps per second of the last minute of training, evaluations and checkpoints aside; 0 at first.</summary>
    public double StepsPerSecond
    {
        get
        {
            (TimeSpan time, long step) = _pace.Peek();
            TimeSpan measured = _run.TrainingTime - time;
            return measured > TimeSpan.Zero ? (Steps - step) / measured.TotalSeconds : 0;
        }
    }

    /// <summary>
    /// Training until the last step, or until the time limit if that comes before, evaluations aside. Null while it is not
    /// known: warming up is far faster than learning.
    /// </summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            double pace = _warm ? StepsPerSecond : 0;
            double seconds = (TotalSteps - Steps) / pace; // of a run without an end more than a TimeSpan holds
            TimeSpan? steps = pace > 0 && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
            TimeSpan? limit = _run.Options.MaxTime - _run.TrainingTime;
            return limit is null || steps < limit ? steps : limit > TimeSpan.Zero ? limit : TimeSpan.Zero;
        }
    }

    private ILearner Learner => _run.Learner;

    /// <summary>Takes what happened in a step of the run.</summary>
    public void Add(in TrainingEvent happened)
    {
        if (happened.Step.Learned is { } learned)
        {
            Loss = Average(Loss, learned.Loss);
            MeanValue = Average(MeanValue, learned.MeanValue);
        }

        if (happened.Step.Episode is { } episode)
        {
            if (_returns.Count == ReturnsShown)
                _returns.Dequeue();
            _returns.Enqueue(episode.Return);
        }

        if (happened.Evaluation is { } evaluation)
            (LastEvaluation, LastEvaluationStep) = (evaluation, Steps);
        MeasurePace();
    }

    private void MeasurePace()
    {
        if (!_warm && !WarmingUp)
        {
            _warm = true;
            StartPace();
        }

        TimeSpan now = _run.TrainingTime;
        if (now - _last.Time < s_sample)
            return;
        _last = (now, Steps);
        _pace.Enqueue(_last);
        while (now - _pace.Peek().Time > s_window && _pace.Count > 2)
            _pace.Dequeue();
    }

    private void StartPace()
    {
        _pace.Clear();
        _last = (_run.TrainingTime, Steps);
        _pace.Enqueue(_last);
    }

    private static double Average(double average, double value) =>
        double.IsNaN(average) ? value : average + 0.01 * (value - average);
}
