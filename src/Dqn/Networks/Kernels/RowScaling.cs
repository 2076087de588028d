using System.Runtime.Intrinsics;

namespace Dqn.Networks;

/// <summary>
/// [rows, n] times a vector of n factors, the same for each row. Nothing is a fused multiply-add: all processors give
/// the same bits.
/// </summary>
internal static unsafe class RowScaling
{
    /// <summary>results[row, i] = values[row, i] · factors[i].</summary>
    public static void Multiply(float* values, ReadOnlySpan<float> factors, int rows, float* results)
    {
        fixed (float* factor = factors)
        {
            for (int row = 0; row < rows; row++, values += factors.Length, results += factors.Length)
            {
                int i = 0;
                for (; i <= factors.Length - Vector256<float>.Count; i += Vector256<float>.Count)
                    (Vector256.Load(values + i) * Vector256.Load(factor + i)).Store(results + i);
                for (; i < factors.Length; i++)
                    results[i] = values[i] * factor[i];
            }
        }
    }

    /// <summary>sums[row, i] += values[row, i] · factors[i].</summary>
    public static void MultiplyAdd(float* values, ReadOnlySpan<float> factors, int rows, float* sums)
    {
        fixed (float* factor = factors)
        {
            for (int row = 0; row < rows; row++, values += factors.Length, sums += factors.Length)
            {
                int i = 0;
                for (; i <= factors.Length - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    Vector256<float> product = Vector256.Load(values + i) * Vector256.Load(factor + i);
                    (Vector256.Load(sums + i) + product).Store(sums + i);
                }

                for (; i < factors.Length; i++)
                    sums[i] += values[i] * factor[i];
            }
        }
    }
}
