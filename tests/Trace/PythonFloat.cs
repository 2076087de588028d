using System.Globalization;

namespace Dqn.Tests.Trace;

/// <summary>Numbers as Python's <c>repr</c> prints them, so that a trace can be compared with Gymnasium's as text.</summary>
internal static class PythonFloat
{
    /// <summary>The shortest digits that round-trip, with Python's exponents and a ".0" on whole numbers.</summary>
    public static string Repr(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";

        // .NET finds the same shortest digits; only where the point goes is Python's own.
        // At some powers of two (2⁻²⁵) .NET's digits are one too few to read back: then all seventeen are needed.
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        if (double.Parse(shortest, CultureInfo.InvariantCulture) != Math.Abs(value))
            shortest = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E', StringComparison.Ordinal);
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        int exponent = mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        exponent += point < 0 ? mantissa.Length : point;
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        exponent -= mantissa.Replace(".", "", StringComparison.Ordinal).Length - digits.Length;
        digits = digits.TrimEnd('0');

        // Now value = 0.digits × 10^exponent. Python writes plain digits while the first one stands at 10⁻⁴ … 10¹⁵.
        string text = exponent switch
        {
            < -3 or > 16 => $"{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(exponent > 0 ? '+' : '-')}{Math.Abs(exponent - 1):00}",
            <= 0 => "0." + new string('0', -exponent) + digits,
            _ when digits.Length <= exponent => digits.PadRight(exponent, '0') + ".0",
            _ => digits[..exponent] + "." + digits[exponent..],
        };
        return value < 0 ? "-" + text : text;
    }
}
