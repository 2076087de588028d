using Microsoft.Extensions.Logging;

namespace Dqn.Training;

/// <summary>Logs each number as a structured message with the fields Metric, Step and Value.</summary>
public sealed partial class LoggerMetricSink : IMetricSink
{
    private readonly ILogger _logger;
    private readonly LogLevel _level;

    /// <summary>Logs to <paramref name="logger"/>, which stays the caller's, at <paramref name="level"/>.</summary>
    public LoggerMetricSink(ILogger logger, LogLevel level = LogLevel.Information)
    {
        ArgumentNullException.ThrowIfNull(logger);
        (_logger, _level) = (logger, level);
    }

    /// <inheritdoc/>
    public void Write(string name, long step, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Log(_logger, _level, name, step, value);
    }

    /// <summary>Does nothing: loggers flush themselves.</summary>
    public void Flush()
    {
    }

    /// <summary>Does nothing: the logger is the caller's.</summary>
    public void Dispose()
    {
    }

    [LoggerMessage(EventId = 1, EventName = "Metric", Message = "{Metric} = {Value} at step {Step}")]
    private static partial void Log(ILogger logger, LogLevel level, string metric, long step, double value);
}
