using Microsoft.Extensions.Logging;

namespace Dqn.Faults;

/// <summary>Prints warnings, a line each.</summary>
internal sealed class WarningPrinter : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Console.WriteLine($"warning: {formatter(state, exception)}");
    }
}
