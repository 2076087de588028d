namespace Dqn.Values;

/// <summary>
/// Quantiles of the return at any fractions τ that the network is asked for (IQN): each update draws
/// <see cref="Samples"/> of them per observation, uniform in 0 … 1, and fits the network there by quantile regression with
/// Huber's loss, κ = 1. Source: W. Dabney, G. Ostrovski, D. Silver, R. Munos, "Implicit quantile networks for
/// distributional reinforcement learning" (2018).
/// <para>
/// The network has one <see cref="Networks.QuantileEmbedding"/>, after which it computes once for each τ. Where it is
/// evaluated, to act and for targets, the <see cref="ValueDistribution.Atoms"/> fractions are fixed, (i + ½) / N, where the
/// paper draws them: the same observation always has the same values. They are no parameters: weights learnt with some
/// number of atoms or samples fit any other. In replay an item's priority comes from its mean |target − quantile| over all
/// pairs.
/// </para>
/// </summary>
/// <example><code>
/// var architecture = new ActionValueOptions { Distribution = new ImplicitQuantileDistribution() };
/// </code></example>
public sealed record ImplicitQuantileDistribution : ValueDistribution
{
    /// <summary>Describes the quantiles.</summary>
    /// <param name="atoms">
    /// How many are evaluated, 1 … 65,536: the paper's K for acting and its N′ for targets. Its K is 32. Evaluating costs so
    /// many passes through the layers after the embedding.
    /// </param>
    /// <param name="samples">How many are drawn for each observation that is fitted, 1 … 65,536: the paper's N, 8.</param>
    /// <param name="riskLevel">
    /// η, which part of the quantiles, the lowest, makes an action's value, its conditional value at risk: above 0, up to 1
    /// for the mean. Of the fixed fractions those up to η count, at least one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">Out of its range.</exception>
    public ImplicitQuantileDistribution(int atoms = 32, int samples = 8, double riskLevel = 1)
        : base(atoms, least: 1)
    {
        if (samples is < 1 or > 65_536)
            throw new ArgumentOutOfRangeException(nameof(samples), samples, "Expected 1 … 65536 samples.");
        (Samples, RiskLevel) = (samples, riskLevel);
    }

    /// <summary>How many quantiles are drawn for each observation that is fitted.</summary>
    public int Samples { get; }

    /// <summary>η, which part of the quantiles, the lowest, makes an action's value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and up to 1.</exception>
    public double RiskLevel
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(RiskLevel), value, $"RiskLevel: expected above 0 and up to 1, got {value}.");
    }

    /// <summary>How many of the evaluated quantiles make an action's value.</summary>
    public int Valued => Math.Max((int)Math.Round(RiskLevel * Atoms), 1);

    internal override int Features => 1;

    internal override int Fitted => Samples;

    /// <summary>The fixed fractions, [atoms].</summary>
    internal float[] Midpoints => [.. Enumerable.Range(0, Atoms).Select(i => (i + 0.5f) / Atoms)];

    /// <inheritdoc/>
    public override ValueDistribution AtRisk(double riskLevel) => this with { RiskLevel = riskLevel };

    internal override void Describe(ReadOnlySpan<float> outputs, Span<float> distributions) =>
        outputs.CopyTo(distributions);

    /// <summary>Fitted at the fixed fractions.</summary>
    internal override double Cost(
        Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients) => Cost(Midpoints, loss, outputs, distribution, targets, gradients);

    /// <summary>Σᵢ meanⱼ |τᵢ − 1[u &lt; 0]| · huber(u), u = targetⱼ − outputᵢ.</summary>
    internal override double Cost(
        ReadOnlySpan<float> fractions, Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution,
        ReadOnlySpan<float> targets, Span<float> gradients)
    {
        double total = 0;
        for (int i = 0; i < outputs.Length; i++)
            total += QuantileRegression.Cost(outputs[i], fractions[i], targets, out gradients[i]);
        return total / targets.Length;
    }

    /// <summary>The mean of what was drawn, and the mean distance of all pairs.</summary>
    internal override (float Value, float Error) Judge(ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets)
    {
        double sum = 0, distance = 0;
        foreach (float quantile in distribution)
        {
            sum += quantile;
            foreach (float target in targets)
                distance += Math.Abs(target - quantile);
        }

        return ((float)(sum / distribution.Length), (float)(distance / distribution.Length / targets.Length));
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
