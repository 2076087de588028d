using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dqn.Values;

/// <summary>
/// Quantiles of the return: output i of N estimates the one at (i + ½) / N. No range of returns has to be known. Fitted
/// by quantile regression with Huber's loss, κ = 1. Source: W. Dabney, M. Rowland, M. Bellemare, R. Munos,
/// "Distributional reinforcement learning with quantile regression" (2018). An action's value is the mean of all of them,
/// or of the lowest alone, its conditional value at risk: whoever decides by that shuns what may end badly. Source: W.
/// Dabney, G. Ostrovski, D. Silver, R. Munos, "Implicit quantile networks for distributional reinforcement learning"
/// (2018).
/// </summary>
/// <example>
/// 51 quantiles, valued by the mean of the lowest quarter of them:
/// <code>
/// var architecture = new ActionValueOptions { Distribution = new QuantileDistribution(51, riskLevel: 0.25) };
/// </code></example>
public sealed record QuantileDistribution : ValueDistribution
{
    /// <summary>Describes the quantiles.</summary>
    /// <param name="atoms">How many, 1 … 65,536; the paper has 200. An update's cost grows with their square.</param>
    /// <param name="riskLevel">
    /// Which part of the quantiles, the lowest, makes an action's value: above 0, up to 1 for all of them, the mean. At
    /// least one is taken.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">Out of its range.</exception>
    public QuantileDistribution(int atoms = 200, double riskLevel = 1)
        : base(atoms, least: 1) => RiskLevel = riskLevel;

    /// <summary>Which part of the quantiles, the lowest, makes an action's value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and up to 1.</exception>
    public double RiskLevel
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(RiskLevel), value, $"RiskLevel: expected above 0 and up to 1, got {value}.");
    }

    /// <summary>How many quantiles make an action's value.</summary>
    public int Valued => Math.Max((int)Math.Round(RiskLevel * Atoms), 1);

    internal override void Describe(ReadOnlySpan<float> outputs, Span<float> distributions) =>
        outputs.CopyTo(distributions);

    /// <summary>
    /// Σᵢ meanⱼ |τᵢ − 1[u &lt; 0]| · huber(u), u = targetⱼ − outputᵢ. With c = u cut off at ± 1, huber(u) is
    /// c (u − c / 2) and its derivative c.
    /// </summary>
    internal override double Cost(
        Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients)
    {
        // Eight interleaved sums whatever the processor's vectors, so that all give the same bits.
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(targets);
        ReadOnlySpan<float> rest = targets[(vectors.Length * Vector256<float>.Count)..];
        double total = 0;
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
            total += cost;
        }

        return total / targets.Length;
    }

    private protected override float Mean(ReadOnlySpan<float> distribution)
    {
        ReadOnlySpan<float> valued = distribution[..Valued];
        double sum = 0;
        foreach (float quantile in valued)
            sum += quantile;
        return (float)(sum / valued.Length);
    }
}
