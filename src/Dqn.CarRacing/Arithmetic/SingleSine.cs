namespace Dqn.CarRacing;

/// <summary>
/// Sine and cosine of a single-precision angle, the same bits on every machine. Box2D calls C's <c>sinf</c> and
/// <c>cosf</c>; the golden episodes were measured with those of glibc (2.28 and later), which are Arm's optimized
/// routines: argument reduction and a minimax polynomial in double precision, and one rounding to single at the end.
/// The same scheme with the same coefficients here, in plain multiplications and additions.
/// </summary>
/// <remarks>
/// glibc has two builds of it and picks the one with fused multiply-add where the processor has that. Over all singles
/// between 2⁻¹³ and 200 of either sign (690 million results) they differ in 34, all near zeros of the cosine, where
/// the fused reduction is the closer one. Reducing in two exact parts gives the fused build's bits in all of them.
/// </remarks>
internal static class SingleSine
{
    // The double nearest to π/2 in two parts: their products with a small integer are exact, and so is the angle less
    // the first, which leaves one rounding, as a fused multiply-add of the whole has.
    private const double HalfPi = 1.5707963267948966;
    private const double HalfPiHigh = 1.570796325802803;
    private const double HalfPiLow = HalfPi - HalfPiHigh;

    // 2/π · 2²⁴: truncating the product to an integer keeps 24 bits of fraction, whose top one rounds.
    private const double InverseHalfPi = 10680707.430881744;

    // π/2 · 2⁻⁶²
    private const double HalfPiScaled = 3.4061215800865545E-19;

    private const double C1 = -0.49999999725108224;
    private const double C2 = 0.041666623324344516;
    private const double C3 = -0.001388676379437604;
    private const double C4 = 2.4390450703564542E-05;
    private const double S1 = -0.16666654943701084;
    private const double S2 = 0.008332178146138854;
    private const double S3 = -0.00019517298981385725;

    // Exponents at which the methods change, as the upper 12 bits of a single without its sign.
    private const int Tiny = 0x398;     // 2⁻¹²
    private const int Unreduced = 0x3F4; // 0.75
    private const int Large = 0x42F;    // 120

    // 4/π in 32-bit windows that start a byte apart.
    private static ReadOnlySpan<uint> FourOverPi =>
    [
        0xA2, 0xA2F9, 0xA2F983, 0xA2F9836E, 0xF9836E4E, 0x836E4E44, 0x6E4E4415, 0x4E441529,
        0x441529FC, 0x1529FC27, 0x29FC2757, 0xFC2757D1, 0x2757D1F5, 0x57D1F534, 0xD1F534DD, 0xF534DDC0,
        0x34DDC0DB, 0xDDC0DB62, 0xC0DB6295, 0xDB629599, 0x6295993C, 0x95993C43, 0x993C4390, 0x3C439041,
    ];

    /// <summary>Both functions of an angle in radians, which has to be finite.</summary>
    public static void SineCosine(float angle, out float sine, out float cosine)
    {
        double x = angle;
        uint bits = BitConverter.SingleToUInt32Bits(angle);
        int magnitude = (int)(bits >> 20) & 0x7FF;
        if (magnitude < Unreduced)
        {
            double square = x * x;
            sine = magnitude < Tiny ? angle : Sine(x, square);
            cosine = magnitude < Tiny ? 1.0f : (float)Cosine(square);
            return;
        }

        // The angle within ±π/4 of a multiple of π/2, and which multiple. The large reduction is that of the angle's
        // magnitude: a negative angle turns the signs by one quadrant.
        int quadrant, turned;
        if (magnitude < Large)
        {
            quadrant = turned = ((int)(x * InverseHalfPi) + 0x800000) >> 24;
            x = x - quadrant * HalfPiHigh - quadrant * HalfPiLow;
        }
        else
        {
            x = ReduceLarge(bits, out quadrant);
            turned = quadrant + (int)(bits >> 31);
        }

        double reduced = x * x;
        float odd = Sine((turned & 3) is 1 or 2 ? -x : x, reduced);
        double even = Cosine(reduced);
        float evenSigned = (float)((turned & 2) == 0 ? even : -even);
        (sine, cosine) = (quadrant & 1) == 0 ? (odd, evenSigned) : (evenSigned, odd);
    }

    private static float Sine(double x, double square)
    {
        double cube = x * square;
        double high = S2 + square * S3;
        return (float)(x + cube * S1 + cube * square * high);
    }

    private static double Cosine(double square)
    {
        double fourth = square * square;
        double high = C3 + square * C4;
        double low = 1.0 + square * C1;
        return low + fourth * C2 + fourth * square * high;
    }

    // 24 bits of the angle times the 96 bits of 4/π that matter to the quadrant and to what lies below it.
    private static double ReduceLarge(uint bits, out int quadrant)
    {
        var window = FourOverPi[(int)((bits >> 26) & 15)..];
        uint mantissa = ((bits & 0xFFFFFF) | 0x800000) << (int)((bits >> 23) & 7);
        ulong high = mantissa * window[0];
        ulong middle = (ulong)mantissa * window[4];
        ulong low = (ulong)mantissa * window[8];
        ulong product = ((low >> 32) | (high << 32)) + middle;
        ulong multiple = (product + (1UL << 61)) >> 62;
        quadrant = (int)multiple;
        return (long)(product - (multiple << 62)) * HalfPiScaled;
    }
}
