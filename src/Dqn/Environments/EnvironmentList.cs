using System.Collections.Immutable;

namespace Dqn.Environments;

/// <summary>Making, comparing and disposing the environments of a vector.</summary>
internal static class EnvironmentList
{
    /// <summary>Makes environments; where one cannot be made, those before it are disposed.</summary>
    public static ImmutableArray<IEnvironment> Create(int count, Func<int, IEnvironment> create)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(create);
        var environments = ImmutableArray.CreateBuilder<IEnvironment>(count);
        try
        {
            for (int i = 0; i < count; i++)
                environments.Add(create(i));
        }
        catch
        {
            Dispose(environments.ToImmutable());
            throw;
        }

        return environments.MoveToImmutable();
    }

    /// <exception cref="ArgumentException">There is none, one is missing or there twice, or they differ.</exception>
    public static void ThrowIfDifferent(ImmutableArray<IEnvironment> environments)
    {
        if (environments.IsEmpty)
            throw new ArgumentException("Expected at least one environment, got none.", nameof(environments));
        for (int i = 0; i < environments.Length; i++)
        {
            if (environments[i] is null)
                throw new ArgumentException($"Environment {i} is null.", nameof(environments));
            int first = environments.IndexOf(environments[i], 0, ReferenceEqualityComparer.Instance);
            if (first < i)
            {
                throw new ArgumentException(
                    $"Environment {i} is environment {first} once more; each has to be one of its own.",
                    nameof(environments));
            }

            if (!environments[i].Spec.Equals(environments[0].Spec))
            {
                throw new ArgumentException(
                    $"Environment {i} differs from environment 0: expected {Describe(environments[0].Spec)}, " +
                    $"got {Describe(environments[i].Spec)}.",
                    nameof(environments));
            }
        }
    }

    /// <summary>Disposes all, whatever one of them throws.</summary>
    public static void Dispose(ImmutableArray<IEnvironment> environments)
    {
        List<Exception>? failures = null;
        foreach (var environment in environments)
        {
            try
            {
                environment?.Dispose();
            }
            catch (Exception exception)
            {
                (failures ??= []).Add(exception);
            }
        }

        if (failures is not null)
            throw new AggregateException("Environments of a vector could not be disposed.", failures);
    }

    private static string Describe(EnvironmentSpec spec) =>
        $"{spec.Name} with observations [{string.Join(", ", spec.ObservationShape)}] of {spec.ElementType}, " +
        $"{spec.StackedFrames} stacked, and {spec.ActionCount} actions";
}
