using System.Globalization;

namespace Dqn.Training;

/// <summary>Writes a plain line per number, <c>step name value</c>, to the console or another text writer.</summary>
public sealed class ConsoleMetricSink : IMetricSink
{
    private readonly TextWriter _writer;

    /// <summary>
    /// Writes to <paramref name="writer"/>, which stays the caller's; null for the console's standard output.
    /// </summary>
    public ConsoleMetricSink(TextWriter? writer = null) => _writer = writer ?? Console.Out;

    /// <inheritdoc/>
    public void Write(string name, long step, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step,10} {name,-28} {value:G6}"));
    }

    /// <inheritdoc/>
    public void Flush() => _writer.Flush();

    /// <summary>Flushes.</summary>
    public void Dispose() => Flush();
}
