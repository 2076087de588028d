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

    /// <inheritdoc/>
    public override ValueDistribution AtRisk(double riskLevel) => this with { RiskLevel = riskLevel };

    /// <summary>Σᵢ meanⱼ |τᵢ − 1[u &lt; 0]| · huber(u), u = targetⱼ − outputᵢ.</summary>
    internal override double Cost(
        Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients)
    {
        double total = 0;
        for (int i = 0; i < outputs.Length; i++)
            total += QuantileRegression.Cost(outputs[i], (i + 0.5f) / outputs.Length, targets, out gradients[i]);
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
