using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Brings features of different ranges to the same: (x − mean) / deviation, cut off at ± <see cref="Limit"/>. Measure them
/// first: <c>environment.WithNormalization(Normalization.Measure(environment))</c>.
/// </summary>
public sealed class Normalize : EnvironmentWrapper
{
    /// <summary>How many deviations a feature is from its mean at most.</summary>
    public const float Limit = 10;

    /// <summary>Normalises the observations of <paramref name="inner"/>.</summary>
    /// <param name="inner">The environment to wrap; its observations are single-precision numbers.</param>
    /// <param name="normalization">A mean and a deviation for each of them.</param>
    /// <exception cref="ArgumentException">The observations are not numbers, or of another length.</exception>
    public Normalize(IEnvironment inner, Normalization normalization)
        : base(inner)
    {
        ArgumentNullException.ThrowIfNull(normalization);
        EnvironmentSpec spec = inner.Spec;
        if (spec.ElementType != ElementType.Single || spec.ObservationLength != normalization.Means.Length)
        {
            throw new ArgumentException(
                $"{spec.Name}: expected observations of {normalization.Means.Length} numbers, got " +
                $"{spec.ObservationLength} of {spec.ElementType}.", nameof(inner));
        }

        Normalization = normalization;
    }

    /// <summary>What is subtracted and divided by.</summary>
    public Normalization Normalization { get; }

    /// <inheritdoc/>
    public override void Observe(Span<byte> observation)
    {
        Inner.Observe(observation);
        Span<float> features = MemoryMarshal.Cast<byte, float>(observation);
        ReadOnlySpan<float> means = Normalization.Means.AsSpan(), deviations = Normalization.Deviations.AsSpan();
        for (int i = 0; i < features.Length; i++)
            features[i] = Math.Clamp((features[i] - means[i]) / deviations[i], -Limit, Limit);
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["means"] = new JsonArray([.. Normalization.Means.Select(mean => (JsonNode)mean)]);
        numbers["deviations"] = new JsonArray([.. Normalization.Deviations.Select(deviation => (JsonNode)deviation)]);
    }
}
