using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dqn.Values;

/// <summary>
/// The loss of quantile regression with Huber's loss, κ = 1: |τ − 1[u &lt; 0]| · huber(u), u = target − output. With c = u
/// cut off at ± 1, huber(u) is c (u − c / 2) and its derivative c.
/// </summary>
internal static class QuantileRegression
{
    /// <summary>One quantile's loss, summed over the targets.</summary>
    /// <param name="output">The quantile as it is estimated.</param>
    /// <param name="fraction">τ, 0 … 1.</param>
    /// <param name="targets">At least one.</param>
    /// <param name="gradient">The derivative of the mean over the targets by the output.</param>
    public static float Cost(float output, float fraction, ReadOnlySpan<float> targets, out float gradient)
    {
        // Eight interleaved sums whatever the processor's vectors, so that all give the same bits.
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(targets);
        ReadOnlySpan<float> rest = targets[(vectors.Length * Vector256<float>.Count)..];
        float above = fraction, below = 1 - above;
        var outputs = Vector256.Create(output);
        Vector256<float> costs = default, slopes = default;
        foreach (Vector256<float> target in vectors)
        {
            Vector256<float> u = target - outputs, weight = Vector256.ConditionalSelect(
                Vector256.LessThan(u, Vector256<float>.Zero), Vector256.Create(below), Vector256.Create(above));
            Vector256<float> cut = Vector256.Min(Vector256.Max(u, -Vector256<float>.One), Vector256<float>.One);
            Vector256<float> slope = weight * cut;
            slopes += slope;
            costs += slope * (u - Vector256.Create(0.5f) * cut);
        }

        float cost = Vector256.Sum(costs), sum = Vector256.Sum(slopes);
        foreach (float target in rest)
        {
            float u = target - output, cut = Math.Clamp(u, -1, 1), slope = (u < 0 ? below : above) * cut;
            sum += slope;
            cost += slope * (u - 0.5f * cut);
        }

        gradient = -sum / targets.Length;
        return cost;
    }
}
