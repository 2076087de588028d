using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dqn.Networks;

/// <summary>
/// Quantiles of the return: output i of N estimates the one at (i + ½) / N. No range of returns has to be known. Fitted
/// by quantile regression with Huber's loss, κ = 1. Source: W. Dabney, M. Rowland, M. Bellemare, R. Munos,
/// "Distributional reinforcement learning with quantile regression" (2018).
/// </summary>
public sealed record QuantileDistribution : ValueDistribution
{
    /// <summary>Describes the quantiles.</summary>
    /// <param name="atoms">How many, 1 … 65,536; the paper has 200. An update's cost grows with their square.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public QuantileDistribution(int atoms = 200)
        : base(atoms, least: 1)
    {
    }

    internal override void Describe(ReadOnlySpan<float> outputs, Span<float> distribution) =>
        outputs.CopyTo(distribution);

    /// <summary>
    /// Σᵢ meanⱼ |τᵢ − 1[u &lt; 0]| · huber(u), u = targetⱼ − outputᵢ. With c = u cut off at ± 1, huber(u) is
    /// c (u − c / 2) and its derivative c.
    /// </summary>
    internal override double Loss(
        ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients)
    {
        // Eight interleaved sums whatever the processor's vectors, so that all give the same bits.
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(targets);
        ReadOnlySpan<float> rest = targets[(vectors.Length * Vector256<float>.Count)..];
        double loss = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            float above = (i + 0.5f) / outputs.Length, below = 1 - above;
            var output = Vector256.Create(outputs[i]);
            Vector256<float> costs = default, slopes = default;
            foreach (Vector256<float> target in vectors)
            {
                Vector256<float> u = target - output, weight = Vector256.ConditionalSelect(
                    Vector256.LessThan(u, Vector256<float>.Zero), Vector256.Create(below), Vector256.Create(above));
                Vector256<float> cut = Vector256.Min(
                    Vector256.Max(u, -Vector256<float>.One), Vector256<float>.One);
                Vector256<float> slope = weight * cut;
                slopes += slope;
                costs += slope * (u - Vector256.Create(0.5f) * cut);
            }

            float cost = Vector256.Sum(costs), sum = Vector256.Sum(slopes);
            foreach (float target in rest)
            {
                float u = target - outputs[i], cut = Math.Clamp(u, -1, 1), slope = (u < 0 ? below : above) * cut;
                sum += slope;
                cost += slope * (u - 0.5f * cut);
            }

            gradients[i] = -sum / targets.Length;
            loss += cost;
        }

        return loss / targets.Length;
    }

    private protected override float Mean(ReadOnlySpan<float> distribution)
    {
        double sum = 0;
        foreach (float quantile in distribution)
            sum += quantile;
        return (float)(sum / distribution.Length);
    }
}
