using Dqn.Training;
using Microsoft.Extensions.Logging;

namespace Dqn.Tests.Training;

/// <summary>The means that a training told of its evaluations.</summary>
internal sealed class EvaluationLog(Action<int>? onEvaluation = null) : ILogger
{
    public List<double> Means { get; } = [];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name != nameof(TrainingLogEvents.Evaluated))
            return;
        Means.Add((double)((IReadOnlyList<KeyValuePair<string, object?>>)state!).Single(pair => pair.Key == "Mean").Value!);
        onEvaluation?.Invoke(Means.Count);
    }
}
