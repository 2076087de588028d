using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dqn.Networks;

/// <summary>Σ v², in double precision, four interleaved sums whatever the processor's vectors.</summary>
internal static class SumOfSquares
{
    public static double Compute(ReadOnlySpan<float> values)
    {
        Vector256<double> sums = default, others = default;
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(values);
        foreach (Vector256<float> vector in vectors)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(vector);
            sums += lower * lower;
            others += upper * upper;
        }

        double sum = Vector256.Sum(sums + others);
        foreach (float value in values[(vectors.Length * Vector256<float>.Count)..])
            sum += (double)value * value;
        return sum;
    }
}
