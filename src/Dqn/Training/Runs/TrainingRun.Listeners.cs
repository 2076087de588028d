using System.Collections.Immutable;
using System.Diagnostics;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Serialization;
using Microsoft.Extensions.Logging;

namespace Dqn.Training;

// What listens to the loop: metrics, evaluation, weights, checkpoints, in this order, so that a checkpoint holds what
// the others have come to.
public sealed partial class TrainingRun
{
    private bool IsOver => Steps >= Options.TotalSteps || _clock.Elapsed >= Options.MaxTime;

    private bool IsEvaluationDue(bool isOver) =>
        (Steps % Options.EvaluationInterval == 0 || isOver) && _metrics.EvaluatedStep != Steps;

    private TrainingEvent AfterStep(
        in TrainingStep step, CancellationToken cancellationToken, bool saveAsked = false)
    {
        bool isOver = IsOver, evaluationDue = IsEvaluationDue(isOver);
        WriteMetrics(step, evaluationDue);
        _clock.Stop();
        if (evaluationDue)
            Finite.Require(_learner.Network, Steps);
        EvaluationResult? evaluation = evaluationDue ? Evaluate(cancellationToken) : null;
        bool isBest = evaluation is not null && Report(evaluation);

        _stopping = isOver || cancellationToken.IsCancellationRequested;
        bool save = _stopping || saveAsked || Steps % Options.CheckpointInterval == 0 ||
            Stopwatch.GetElapsedTime(_savedAt) >= Options.CheckpointTime;
        if (save && !evaluationDue)
            Finite.Require(_learner.Network, Steps);
        if (save || evaluation is not null)
        {
            WriteWeights(_folder.LatestWeights);
            FlushHistory();
            foreach (IMetricSink sink in _sinks.Where(sink => sink != History))
                sink.Flush();
        }

        if (save)
        {
            _checkpoint.Save(_store);
            _savedAt = Stopwatch.GetTimestamp();
            LogSaved(_logger, Steps);
        }

        _clock.Start();
        return new TrainingEvent(step, evaluation, isBest, save);
    }

    private void WriteMetrics(in TrainingStep step, bool evaluationDue)
    {
        if (step.Episode is { } episode)
        {
            foreach (IMetricSink sink in _sinks)
                TrainingMetrics.WriteEpisode(sink, Steps, episode);
        }

        bool made = step.Number > 0;
        if (!made || (Steps % Options.MetricInterval != 0 && !evaluationDue))
            return;
        foreach (IMetricSink sink in _sinks)
            _metrics.WriteTraining(sink, Steps, Episodes, _learner.Epsilon, _clock.Elapsed);
        _metrics.StartAgain();
    }

    // Null where it was cancelled: it is due still, and a resumed run begins with it.
    private EvaluationResult? Evaluate(CancellationToken cancellationToken)
    {
        IProgress<EvaluationProgress>? asked = _evaluator.Progress;
        try
        {
            if (_listeners.Count > 0)
                _evaluator.Progress = new ProgressToListeners(asked, _listeners);
            return _evaluator.Evaluate(_learner.EvaluationNetwork, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            _evaluator.Progress = asked;
        }
    }

    private bool Report(EvaluationResult evaluation)
    {
        _metrics.EvaluatedStep = Steps;
        foreach (IMetricSink sink in _sinks)
            TrainingMetrics.WriteEvaluation(sink, Steps, evaluation);
        LogEvaluated(_logger, Steps, evaluation.Mean, evaluation.StandardDeviation, evaluation.Episodes.Length);
        return Best.Consider(Steps, evaluation);
    }

    // For people, and its rows are in the checkpoint too: where another program holds the file, the next time will do.
    private void FlushHistory()
    {
        try
        {
            History.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogHistory(_logger, _folder.History, exception.Message);
        }
    }

    // With all that it takes to act, where the format keeps it: the file alone is enough.
    private void WriteWeights(string path)
    {
        ImmutableDictionary<string, string>? metadata = null;
        if (!StateDictFile.IsPyTorch(path))
        {
            metadata = PolicyMetadata.Of(_evaluator.Spec, _evaluator.DescribeEnvironment())
                .SetItems(Options.WeightsMetadata ?? ImmutableDictionary<string, string>.Empty);
        }

        NetworkFile.Write(path, _learner.EvaluationNetwork, metadata);
    }

    private sealed class ProgressToListeners(
        IProgress<EvaluationProgress>? asked, List<ITrainingListener> listeners) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value)
        {
            asked?.Report(value);
            foreach (ITrainingListener listener in listeners)
                listener.Evaluating(value);
        }
    }

    [LoggerMessage(
        EventId = TrainingLogEvents.Resumed, EventName = nameof(TrainingLogEvents.Resumed), Level = LogLevel.Information,
        Message = "Resumed after step {Step}")]
    private static partial void LogResumed(ILogger logger, long step);

    [LoggerMessage(
        EventId = TrainingLogEvents.CheckpointDamaged, EventName = nameof(TrainingLogEvents.CheckpointDamaged), Level = LogLevel.Warning,
        Message = "A newer checkpoint could not be used: {Damage}")]
    private static partial void LogDamage(ILogger logger, string damage);

    [LoggerMessage(
        EventId = TrainingLogEvents.CheckpointSaved, EventName = nameof(TrainingLogEvents.CheckpointSaved), Level = LogLevel.Information,
        Message = "Checkpoint saved after step {Step}")]
    private static partial void LogSaved(ILogger logger, long step);

    [LoggerMessage(
        EventId = TrainingLogEvents.HistoryNotWritten, EventName = nameof(TrainingLogEvents.HistoryNotWritten), Level = LogLevel.Warning,
        Message = "{Path} could not be written, which is tried again: {Problem}")]
    private static partial void LogHistory(ILogger logger, string path, string problem);

    [LoggerMessage(
        EventId = TrainingLogEvents.Evaluated, EventName = nameof(TrainingLogEvents.Evaluated), Level = LogLevel.Information,
        Message = "Evaluated after step {Step}: mean return {Mean} ± {StandardDeviation}, {Episodes} episodes")]
    private static partial void LogEvaluated(
        ILogger logger, long step, double mean, double standardDeviation, int episodes);
}
