using System.Diagnostics;
using System.Globalization;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>
/// Listens to a run on the thread that trains. Whatever fails here is said in the log and ends the watching, never the run.
/// </summary>
internal sealed class LiveRun : ITrainingListener, IMetricSink
{
    private static readonly long s_statusTicks = Stopwatch.Frequency / 4;

    private readonly TrainingRun _run;
    private readonly WatchedRun _watched;
    private readonly MomentCapture? _capture; // Null where the environments are elsewhere.
    private TrainingStatus? _status;
    private EvaluationProgress? _evaluating;
    private (TimeSpan Time, long Step) _timed;
    private long _nextStatus;
    private bool _started;
    private bool _ended;
    private bool _broken;

    public LiveRun(TrainingRun run, WatchedRun watched)
    {
        (_run, _watched, _capture) = (run, watched, run.Environments.IsEmpty ? null : new MomentCapture(run));
        watched.Control = run.Control;
        watched.Tables = run.MakeTables;
        watched.Moments = _capture?.Feed;
        PublishStatus();
        run.AddListener(this);
        run.AddSink(this);
    }

    void ITrainingListener.Stepped(in TrainingEvent happened)
    {
        if (_broken)
            return;
        try
        {
            if (!_started)
                Begin();
            if (_ended)
                (_ended, _watched.Ending) = (false, null); // It is run once more.
            if (happened.Evaluation is not null || happened.CheckpointSaved)
                Note(happened);
            if (_watched.Watchers == 0)
                _status = null;
            else
                Show(happened);
        }
        catch (Exception exception)
        {
            Break(exception);
        }
    }

    void ITrainingListener.Evaluating(EvaluationProgress progress)
    {
        if (_broken)
            return;
        try
        {
            _evaluating = progress.Ended < progress.Episodes ? progress : null;
            PublishStatus();
        }
        catch (Exception exception)
        {
            Break(exception);
        }
    }

    void ITrainingListener.Ended()
    {
        try
        {
            _evaluating = null;
            bool done = _run.Steps >= _run.Options.TotalSteps || _run.TrainingTime >= _run.Options.MaxTime;
            string ending = done ? "finished" : _run.Control.IsStopRequested ? "stopped" : "ended early";
            PublishStatus();
            _watched.Log.Add(string.Create(CultureInfo.InvariantCulture, $"Training {ending} after step {_run.Steps:N0}."));
            (_ended, _watched.Ending) = (true, ending);
        }
        catch (Exception exception)
        {
            Break(exception);
        }
    }

    void IMetricSink.Write(string name, long step, double value)
    {
        if (_broken || name is CurveNames.Speed or RunHistory.SecondsColumn)
            return;
        try
        {
            if (!_started)
                Begin();
            _watched.Series.Add(name, step, value);
            if (name == "train/episodes")
                WriteSpeed(step);
        }
        catch (Exception exception)
        {
            Break(exception);
        }
    }

    void IMetricSink.Flush()
    {
    }

    void IDisposable.Dispose()
    {
    }

    // With what there was before: a resumed run has a history.
    private void Begin()
    {
        _started = true;
        CsvMetricSink history = _run.History;
        int seconds = history.Columns.IndexOf(RunHistory.SecondsColumn);
        IEnumerable<(double Step, double Seconds)> reports = history.Rows
            .Where(row => row.Step < _run.Steps && double.IsFinite(row.Values[seconds]))
            .Select(row => ((double)row.Step, row.Values[seconds]));
        foreach ((double step, double pace) in TrainingPace.Of(reports))
            _watched.Series.Add(CurveNames.Speed, (long)step, pace);
        foreach ((long step, double[] values) in history.Rows)
        {
            for (int column = 0; column < values.Length; column++)
            {
                if (step < _run.Steps && column != seconds)
                    _watched.Series.Add(history.Columns[column], step, values[column]);
            }
        }

        _timed = (_run.TrainingTime, _run.Steps);
    }

    // The run's own figure counts evaluations and pauses too.
    private void WriteSpeed(long step)
    {
        TimeSpan time = _run.TrainingTime, took = time - _timed.Time;
        if (took > TimeSpan.Zero && step > _timed.Step)
        {
            double pace = (step - _timed.Step) / took.TotalSeconds, left = (_run.Options.TotalSteps - step) / pace;
            if (_run.Options.MaxTime is { } limit)
                left = Math.Min(left, Math.Max(0, (limit - time).TotalSeconds));
            _watched.Series.Add(CurveNames.Speed, step, pace);
            if (_timed.Step >= _run.Learner.WarmupSteps) // warming up is far faster than learning
                _watched.Series.Add(CurveNames.TimeLeft, step, left);
        }

        _timed = (time, step);
    }

    private void Note(in TrainingEvent happened)
    {
        if (happened.Evaluation is { } evaluation)
        {
            _watched.Tracks = EvaluatedTracks.Of(_run.Steps, evaluation);
            _watched.Log.Add(string.Create(CultureInfo.InvariantCulture,
                $"Evaluation after step {_run.Steps:N0}: mean {evaluation.Mean:0.0} ± {evaluation.StandardDeviation:0.0} over " +
                $"{evaluation.Episodes.Length} episodes{(happened.IsBest ? ", the best so far" : "")}."));
        }

        if (happened.CheckpointSaved)
            _watched.Log.Add(string.Create(CultureInfo.InvariantCulture, $"Checkpoint saved after step {_run.Steps:N0}."));
        PublishStatus();
    }

    private void Show(in TrainingEvent happened)
    {
        _status ??= new TrainingStatus(_run);
        _status.Add(happened);
        _capture?.Stepped(happened.Step);
        long now = Stopwatch.GetTimestamp();
        if (now < _nextStatus)
            return;
        _nextStatus = now + s_statusTicks;
        PublishStatus();
    }

    private void PublishStatus()
    {
        TrainingStatus status = _status ?? new TrainingStatus(_run);
        double pace = status.StepsPerSecond;
        _watched.Status = new RunStatus
        {
            Step = status.Steps,
            TotalSteps = status.TotalSteps,
            Episodes = status.Episodes,
            WarmingUp = status.WarmingUp,
            Epsilon = status.Epsilon,
            Loss = double.IsFinite(status.Loss) ? status.Loss : _watched.Series.Last("train/loss"),
            MeanReturn = status.MeanReturn,
            Best = status.BestEvaluation,
            BestStep = _run.Best.Step,
            StepsPerSecond = pace > 0 ? pace : _watched.Series.Last(CurveNames.Speed),
            TimeLeft = status.TimeLeft?.TotalSeconds ?? double.NaN,
            TrainingTime = _run.TrainingTime.TotalSeconds,
            Evaluating = _evaluating,
        };
    }

    private void Break(Exception exception)
    {
        _broken = true;
        _watched.Log.Add($"The page is not kept up to date any more, training goes on: {exception.Message}");
    }
}
