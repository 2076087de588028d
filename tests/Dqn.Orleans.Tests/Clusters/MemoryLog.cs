using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dqn.Tests.Clusters;

/// <summary>Keeps what is logged, for a test to look at.</summary>
internal sealed class MemoryLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private void Add(string line)
    {
        _lines.Enqueue(line);
        if (Environment.GetEnvironmentVariable("ORL_LOG") is { } p) lock (this) File.AppendAllText(p, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}\n");
    }

    private sealed class Category(MemoryLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add($"{logLevel} {name}: {formatter(state, exception)} {exception}");
    }
}
