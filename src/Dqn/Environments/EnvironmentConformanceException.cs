using System.Collections.Immutable;

namespace Dqn.Environments;

/// <summary>An environment does not keep what <see cref="IEnvironment"/> promises.</summary>
/// <param name="findings">One sentence for each broken promise, at least one.</param>
public sealed class EnvironmentConformanceException(ImmutableArray<string> findings)
    : Exception(
        $"The environment breaks {findings.Length} of IEnvironment's promises:\n- {string.Join("\n- ", findings)}\n" +
        $"{nameof(EnvironmentSpec)}.{nameof(EnvironmentSpec.ThrowIfNotAnAction)} and " +
        $"{nameof(EnvironmentSpec.ThrowIfNotAnObservation)}, and the checks of an {nameof(EpisodePhase)}, throw what is expected.")
{
    /// <summary>One sentence for each broken promise.</summary>
    public ImmutableArray<string> Findings { get; } = findings;
}
