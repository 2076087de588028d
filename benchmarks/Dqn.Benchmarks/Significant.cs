namespace Dqn.Benchmarks;

/// <summary>Figures as a table shows them.</summary>
internal static class Significant
{
    /// <summary>Three significant digits, never an exponent: 0.123, 1.23, 12.3, 123, 1230.</summary>
    public static string Digits(double value) => value switch
    {
        0 => "0",
        < 0.1 => value.ToString("0.0000"),
        < 1 => value.ToString("0.000"),
        < 10 => value.ToString("0.00"),
        < 100 => value.ToString("0.0"),
        _ => value.ToString("0"),
    };
}
