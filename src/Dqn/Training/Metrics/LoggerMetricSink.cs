using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Dqn.Training;

/// <summary>
/// Logs the numbers of a step as one record, <see cref="TrainingLogEvents.Metrics"/>, with the fields <c>Step</c> and each
/// metric by its name; numbers that are NaN, which were not measured, are left out. The record comes with the next step's
/// first number or with <see cref="Flush"/>.
/// </summary>
public sealed class LoggerMetricSink : IMetricSink
{
    private static readonly EventId s_event = new(TrainingLogEvents.Metrics, nameof(TrainingLogEvents.Metrics));

    private readonly ILogger _logger;
    private readonly LogLevel _level;
    private readonly List<KeyValuePair<string, object?>> _numbers = [];
    private long _step;

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
        if (step != _step)
            Flush();
        _step = step;
        if (!double.IsNaN(value))
            _numbers.Add(new(name, value));
    }

    /// <summary>Logs what has come of the last step.</summary>
    public void Flush()
    {
        if (_numbers.Count == 0)
            return;
        var record = new Record(_step, [.. _numbers]);
        _numbers.Clear();
        _logger.Log(_level, s_event, record, null, static (record, _) => record.ToString());
    }

    /// <summary>Logs what has come of the last step; the logger stays the caller's.</summary>
    public void Dispose() => Flush();

    // What loggers take for a message with named fields.
    private sealed class Record(long step, KeyValuePair<string, object?>[] numbers) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => numbers.Length + 2;

        public KeyValuePair<string, object?> this[int index] => index switch
        {
            0 => new("Step", step),
            _ when index <= numbers.Length => numbers[index - 1],
            _ => new("{OriginalFormat}", "Step {Step}: metrics"),
        };

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() =>
            Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"Step {step}: {string.Join(", ", numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"{number.Key} {number.Value:G6}")))}");
    }
}
