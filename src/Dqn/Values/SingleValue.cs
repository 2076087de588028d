using System.Text.Json.Serialization;

namespace Dqn.Values;

/// <summary>
/// The expected return alone, a distribution of one atom: plain Q-learning. It is fitted by the network's
/// <see cref="Loss"/>; its target is r₁ + discount₁ · v₁. Source: C. Watkins, "Learning from delayed rewards" (1989);
/// R. Sutton, "Learning to predict by the methods of temporal differences" (1988).
/// </summary>
public sealed record SingleValue : ValueDistribution
{
    /// <summary>There is but one.</summary>
    public SingleValue()
        : base(atoms: 1, least: 1)
    {
    }

    /// <summary>1.</summary>
    [JsonIgnore]
    public override int Atoms => 1;

    internal override void Describe(ReadOnlySpan<float> outputs, Span<float> distributions) =>
        outputs.CopyTo(distributions);

    internal override void Evaluate(ReadOnlySpan<float> outputs, Span<float> scratch, Span<float> values) =>
        outputs.CopyTo(values);

    internal override double Cost(
        Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients)
    {
        float difference = outputs[0] - targets[0];
        (float cost, gradients[0]) = loss == Loss.MeanSquared ? MeanSquared(difference) : SmoothL1(difference);
        return cost;
    }

    private protected override float Mean(ReadOnlySpan<float> distribution) => distribution[0];

    private protected override void Means(ReadOnlySpan<float> distributions, Span<float> values) =>
        distributions.CopyTo(values);

    private static (float Cost, float Slope) MeanSquared(float difference) => (difference * difference, 2 * difference);

    private static (float Cost, float Slope) SmoothL1(float difference) => MathF.Abs(difference) < 1
        ? (0.5f * difference * difference, difference)
        : (MathF.Abs(difference) - 0.5f, MathF.CopySign(1, difference));
}
