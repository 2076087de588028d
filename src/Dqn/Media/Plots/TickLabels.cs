using System.Globalization;

namespace Dqn.Media;

/// <summary>Writes the numbers at an axis's ticks: 0, 100k, 1.5M, −20, 0.25, 2e−5.</summary>
internal static class TickLabels
{
    /// <param name="ticks">The ticks' values.</param>
    /// <param name="step">Their distance: it decides how many decimals tell them apart.</param>
    public static string[] Format(double[] ticks, double step)
    {
        double greatest = ticks.Select(Math.Abs).DefaultIfEmpty().Max();
        return [.. ticks.Select(value => Format(value, step, greatest).Replace('-', '−'))];
    }

    private static string Format(double value, double step, double greatest)
    {
        if (Math.Abs(value) < step / 2)
            return "0";
        if (greatest >= 1e15 || greatest < 1e-3)
            return Exponential(value, step);
        // Below 10,000 the digits are easier to read than a suffix.
        (double unit, string suffix) = (greatest, Math.Abs(value)) switch
        {
            ( < 1e4, _) => (1.0, ""),
            (_, >= 0.9999999e12) => (1e12, "T"),
            (_, >= 0.9999999e9) => (1e9, "G"),
            (_, >= 0.9999999e6) => (1e6, "M"),
            _ => (1e3, "k"),
        };
        int decimals = Math.Clamp((int)-Math.Floor(Math.Log10(step / unit) + 1e-9), 0, 12);
        string digits = (value / unit).ToString($"F{decimals}", CultureInfo.InvariantCulture);
        // 1M beside 1.5M, but 1.0 beside 1.5.
        return suffix.Length > 0 && decimals > 0 ? digits.TrimEnd('0').TrimEnd('.') + suffix : digits + suffix;
    }

    private static string Exponential(double value, double step)
    {
        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)) + 1e-9);
        int decimals = Math.Clamp(exponent - (int)Math.Floor(Math.Log10(step) + 1e-9), 0, 12);
        double mantissa = value / Math.Pow(10, exponent);
        return mantissa.ToString($"F{decimals}", CultureInfo.InvariantCulture) + "e" +
            exponent.ToString(CultureInfo.InvariantCulture);
    }
}
