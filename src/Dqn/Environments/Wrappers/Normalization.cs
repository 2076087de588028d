using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// The mean and the standard deviation of each feature of an observation, measured once: what <see cref="Normalize"/>
/// subtracts and divides by. They stay what they are while an agent learns, since its replay buffer keeps observations for
/// long, and they travel with the model.
/// </summary>
public sealed record Normalization
{
    /// <summary>Takes means and deviations as they are.</summary>
    /// <param name="means">One for each feature, finite.</param>
    /// <param name="deviations">One for each feature, above 0 and finite.</param>
    /// <exception cref="ArgumentException">Of another length, or a number out of its range: the message says which.</exception>
    public Normalization(ImmutableArray<float> means, ImmutableArray<float> deviations)
    {
        if (means.IsDefaultOrEmpty || deviations.IsDefault || means.Length != deviations.Length)
        {
            throw new ArgumentException(
                $"Expected a mean and a deviation for each feature, got {(means.IsDefault ? 0 : means.Length)} and " +
                $"{(deviations.IsDefault ? 0 : deviations.Length)}.", nameof(deviations));
        }

        for (int i = 0; i < means.Length; i++)
        {
            if (!float.IsFinite(means[i]) || !float.IsFinite(deviations[i]) || deviations[i] <= 0)
            {
                throw new ArgumentException(
                    $"Feature {i}: expected a finite mean and a deviation above 0, got {means[i]} and {deviations[i]}.",
                    nameof(deviations));
            }
        }

        (Means, Deviations) = (means, deviations);
    }

    /// <summary>Each feature's mean.</summary>
    public ImmutableArray<float> Means { get; }

    /// <summary>Each feature's standard deviation, 1 where it does not vary.</summary>
    public ImmutableArray<float> Deviations { get; }

    /// <summary>Measures an environment's features over the steps of random actions, starting a new episode where one ends.</summary>
    /// <param name="environment">Whose observations are single-precision numbers; it is reset and stepped.</param>
    /// <param name="steps">How many, at least 2.</param>
    /// <param name="seed">Of the environment and of the actions.</param>
    /// <exception cref="ArgumentException">The observations are not numbers.</exception>
    /// <exception cref="InvalidDataException">An observation has a number that is not finite.</exception>
    public static Normalization Measure(IEnvironment environment, int steps = 10_000, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        EnvironmentSpec spec = environment.Spec;
        if (spec.ElementType != ElementType.Single)
            throw new ArgumentException($"{spec.Name}: expected observations of numbers, got {spec.ElementType}.", nameof(environment));

        // Welford's sums, in double precision: B. Welford, "Note on a method for calculating corrected sums of squares
        // and products" (1962).
        var random = new Pcg64(seed);
        var observation = new byte[spec.ObservationBytes];
        double[] means = new double[spec.ObservationLength], squares = new double[spec.ObservationLength];
        environment.Reset(seed);
        for (int count = 1; count <= steps; count++)
        {
            environment.Observe(observation);
            ReadOnlySpan<float> features = MemoryMarshal.Cast<byte, float>(observation);
            for (int i = 0; i < features.Length; i++)
            {
                if (!float.IsFinite(features[i]))
                    throw new InvalidDataException($"{spec.Name}: expected finite observations, got {features[i]} as feature {i}.");
                double difference = features[i] - means[i];
                means[i] += difference / count;
                squares[i] += difference * (features[i] - means[i]);
            }

            if (environment.Step(random.Integer(spec.ActionCount)).Ended)
                environment.Reset();
        }

        return new Normalization(
            [.. means.Select(mean => (float)mean)],
            [.. squares.Select(square => Math.Sqrt(square / steps) is var deviation && deviation > 1e-8 ? (float)deviation : 1)]);
    }

    /// <summary>Equal in every number.</summary>
    public bool Equals(Normalization? other) =>
        other is not null && Means.AsSpan().SequenceEqual(other.Means.AsSpan()) &&
        Deviations.AsSpan().SequenceEqual(other.Deviations.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Means.Length, Means[0], Deviations[0]);
}
