namespace Dqn.Environments;

/// <summary>
/// The checks that go with <see cref="EpisodePhase"/>, for environments that keep one: calls out of order then throw what
/// <see cref="IEnvironment"/> promises.
/// </summary>
public static class EpisodePhases
{
    /// <summary>For the start of <see cref="IEnvironment.Step"/>.</summary>
    /// <exception cref="InvalidOperationException">There is no running episode to step.</exception>
    public static void ThrowIfNotRunning(this EpisodePhase phase, EnvironmentSpec spec)
    {
        if (phase == EpisodePhase.Running)
            return;
        throw new InvalidOperationException(phase == EpisodePhase.New
            ? $"{spec.Name}: call Reset before the first Step."
            : $"{spec.Name}: the episode has ended; call Reset before Step.");
    }

    /// <summary>For wrappers that end an episode of which the wrapped environment does not know.</summary>
    /// <exception cref="InvalidOperationException">The episode has ended.</exception>
    public static void ThrowIfEnded(bool ended, EnvironmentSpec spec) =>
        (ended ? EpisodePhase.Ended : EpisodePhase.Running).ThrowIfNotRunning(spec);

    /// <summary>For the start of <see cref="IEnvironment.Observe"/> and whatever else needs a reset first.</summary>
    /// <exception cref="InvalidOperationException">There was no reset yet.</exception>
    public static void ThrowIfNew(this EpisodePhase phase, EnvironmentSpec spec, string member)
    {
        if (phase == EpisodePhase.New)
            throw new InvalidOperationException($"{spec.Name}: call Reset before {member}.");
    }

    /// <summary>Reads a phase that was saved as its byte.</summary>
    /// <exception cref="InvalidDataException">The data is no phase.</exception>
    public static EpisodePhase Read(BinaryReader reader) => (EpisodePhase)reader.ReadByte() is var phase &&
        phase <= EpisodePhase.Ended
        ? phase
        : throw new InvalidDataException($"Environment state: expected a phase from 0 to 2, got {(byte)phase}.");
}
