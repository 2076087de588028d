namespace Dqn.CarRacing;

/// <summary>
/// Sine and cosine of a double-precision angle, the same bits on every machine. The reference's track, camera and
/// wheels call C's <c>sin</c> and <c>cos</c>; the golden episodes were measured with those of glibc (2.28 and later),
/// the IBM Accurate Mathematical Library's, in the build for processors with fused multiply-add. The same method with
/// the same coefficients here: the angle is reduced to a multiple of 1/128, whose sine and cosine stand in a table to
/// twice double precision, and a small rest, for which a few terms of the power series do. Errors stay below 0.55 of a
/// unit in the last place.
/// </summary>
/// <remarks>
/// glibc itself, on a processor without fused multiply-add, gives another last bit for one angle in 1,500, and other C
/// libraries differ more often. Here the multiply-adds are fused everywhere: without the instruction .NET computes them
/// exactly in software. Over 240 million angles up to 10⁸ every bit equalled that of glibc 2.36. Larger ones, to which
/// no wheel turns, are left to the C library.
/// </remarks>
internal static class DoubleSine
{
    // Adding it rounds to a multiple of 1/128, which then stands in the lowest bits.
    private const double ToTableStep = 1.5 * (1L << 45);

    // Adding it rounds to an integer.
    private const double ToInteger = 1.5 * (1L << 52);

    // Angles below which the table is used as it stands, and below which π/2 less the angle is.
    private const double Unreduced = 0.85546875;
    private const double NearHalfPi = 2.4262657165527344;
    private const double Large = 105414350;

    // π/2 in two parts, and in four, of which the first two and their products with small integers are exact.
    private const double HalfPi = 1.5707963267948966, HalfPiRest = 6.123233995736766E-17;
    private const double HalfPi1 = 1.5707963407039642, HalfPi2 = -1.3909067564377153E-08;
    private const double HalfPi3 = -4.9789962314799099E-17, HalfPi4 = -1.9034889620193266E-25;
    private const double InverseHalfPi = 0.6366197723675814;

    // The power series of the sine up to the ninth power, for angles below 0.126.
    private const double S1 = -0.16666666666666666, S2 = 0.0083333333333323288, S3 = -0.00019841269834414642;
    private const double S4 = 2.755729806860771E-06, S5 = -2.5022014848318398E-08;

    // And of sine and cosine within 1/256.
    private const double Sn3 = -1.66666666666664880952546298448555E-01, Sn5 = 8.33333214285722277379541354343671E-03;
    private const double Cs2 = 4.99999999999999999999950396842453E-01, Cs4 = -4.16666666666664434524222570944589E-02;
    private const double Cs6 = 1.38888874007937613028114285595617E-03;

    private const int Steps = 112;

    // For each k/128: sine, what is missing in it, cosine, what is missing in it.
    private static readonly double[] Table = BuildTable();

    /// <summary>The sine of an angle in radians, which has to be finite.</summary>
    public static double Sine(double angle)
    {
        double magnitude = Math.Abs(angle);
        if (magnitude < 1.4901161193847656E-08)
            return angle;
        if (magnitude < Unreduced)
            return TableSine(angle, 0);
        if (magnitude < NearHalfPi)
            return Math.CopySign(TableCosine(HalfPi - magnitude, HalfPiRest), angle);
        if (magnitude >= Large)
            return Math.Sin(angle);
        int quadrant = Reduce(angle, out double high, out double low);
        return InQuadrant(quadrant, high, low);
    }

    /// <summary>The cosine of an angle in radians, which has to be finite.</summary>
    public static double Cosine(double angle)
    {
        double magnitude = Math.Abs(angle);
        if (magnitude < 7.450580596923828E-09)
            return 1;
        if (magnitude < Unreduced)
            return TableCosine(angle, 0);
        if (magnitude < NearHalfPi)
        {
            double rest = HalfPi - magnitude;
            double sum = rest + HalfPiRest;
            return TableSine(sum, rest - sum + HalfPiRest);
        }

        if (magnitude >= Large)
            return Math.Cos(angle);
        int quadrant = Reduce(angle, out double high, out double low);
        return InQuadrant(quadrant + 1, high, low);
    }

    private static double InQuadrant(int quadrant, double high, double low)
    {
        double value = (quadrant & 1) != 0 ? TableCosine(high, low) : TableSine(high, low);
        return (quadrant & 2) != 0 ? -value : value;
    }

    // The angle less the nearest multiple of π/2, in two parts, and which multiple.
    private static int Reduce(double angle, out double high, out double low)
    {
        double shifted = Fma(angle, InverseHalfPi, ToInteger);
        double multiple = shifted - ToInteger;
        double y = Fma(-multiple, HalfPi2, Fma(-multiple, HalfPi1, angle));
        double rest = Fma(-multiple, HalfPi3, y);
        double lost = Fma(-multiple, HalfPi3, y - rest);
        high = Fma(-multiple, HalfPi4, rest);
        low = Fma(-multiple, HalfPi4, rest - high) + lost;
        return (int)BitConverter.DoubleToInt64Bits(shifted) & 3;
    }

    private static double TableSine(double x, double dx)
    {
        double magnitude = Math.Abs(x);
        if (magnitude < 0.126)
        {
            double xx = x * x;
            double series = Fma(Fma(Fma(Fma(S5, xx, S4), xx, S3), xx, S2), xx, S1);
            return x + Fma(Fma(series, x, -0.5 * dx), xx, dx);
        }

        if (x <= 0)
            dx = -dx;
        double shifted = ToTableStep + magnitude;
        double rest = magnitude - (shifted - ToTableStep), square = rest * rest;
        double sine = rest + Fma(rest * square, Fma(square, Sn5, Sn3), dx);
        double cosine = Fma(rest, dx, square * Fma(square, Fma(square, Cs6, Cs4), Cs2));
        var entry = Table.AsSpan((int)(BitConverter.DoubleToInt64Bits(shifted) & 0xFF) * 4, 4);
        double correction = Fma(entry[2], sine, Fma(-entry[0], cosine, Fma(sine, entry[3], entry[1])));
        return Math.CopySign(entry[0] + correction, x);
    }

    private static double TableCosine(double x, double dx)
    {
        if (x < 0)
            dx = -dx;
        double magnitude = Math.Abs(x);
        double shifted = ToTableStep + magnitude;
        double rest = magnitude - (shifted - ToTableStep) + dx, square = rest * rest;
        double sine = Fma(rest * square, Fma(square, Sn5, Sn3), rest);
        double cosine = square * Fma(square, Fma(square, Cs6, Cs4), Cs2);
        var entry = Table.AsSpan((int)(BitConverter.DoubleToInt64Bits(shifted) & 0xFF) * 4, 4);
        double correction = Fma(-entry[0], sine, Fma(-entry[2], cosine, Fma(-sine, entry[1], entry[3])));
        return entry[2] + correction;
    }

    // Taylor's series in pairs of doubles, high + low.
    private static double[] BuildTable()
    {
        var table = new double[Steps * 4];
        for (int k = 0; k < Steps; k++)
        {
            double square = k * k / 16384.0;
            Series(k / 128.0, square, 1, table.AsSpan(k * 4));
            Series(1, square, 0, table.AsSpan(k * 4 + 2));
        }

        return table;
    }

    // first·(1 − x²/((n + 1)(n + 2)) + …) from n = power on; first is exact.
    private static void Series(double first, double square, int power, Span<double> sum)
    {
        double high = first, low = 0, termHigh = first, termLow = 0;
        for (int n = power; Math.Abs(termHigh) > 1e-40; n += 2)
        {
            // term · −square, then divided by an integer; what either rounds away goes into the low part.
            double product = termHigh * -square;
            double productLow = Fma(termHigh, -square, -product) + termLow * -square;
            double divisor = (n + 1) * (n + 2);
            termHigh = product / divisor;
            termLow = (Fma(-termHigh, divisor, product) + productLow) / divisor;
            double whole = termHigh + termLow;
            termLow -= whole - termHigh;
            termHigh = whole;

            // The terms fall: the sum so far is the larger summand.
            double total = high + termHigh;
            low += termHigh - (total - high) + termLow;
            high = total + low;
            low -= high - total;
        }

        (sum[0], sum[1]) = (high, low);
    }

    private static double Fma(double x, double y, double z) => Math.FusedMultiplyAdd(x, y, z);
}
