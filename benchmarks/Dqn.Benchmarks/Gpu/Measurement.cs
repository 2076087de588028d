using System.Globalization;

namespace Dqn.Benchmarks.Gpu;

/// <summary>
/// Seconds of one operation at one batch size: the median and the quartiles. Processes hand it on as a line of text,
/// <c>measured</c>, column, operation, batch size, the three figures, tabs between.
/// </summary>
internal sealed record Measurement(string Column, string Operation, int Batch, double Low, double Median, double High)
{
    private const string Mark = "measured";

    public string ToLine() => string.Join('\t', [Mark, Column, Operation, Batch, .. (double[])[Low, Median, High]]);

    /// <summary>Null for any other line.</summary>
    public static Measurement? Parse(string line)
    {
        string[] parts = line.Split('\t');
        return parts.Length == 7 && parts[0] == Mark
            ? new(parts[1], parts[2], int.Parse(parts[3]), Seconds(parts[4]), Seconds(parts[5]), Seconds(parts[6]))
            : null;
    }

    private static double Seconds(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
