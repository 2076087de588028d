namespace Dqn.Environments;

/// <summary>What may be called on an environment.</summary>
internal enum EpisodePhase : byte
{
    /// <summary>Not reset yet.</summary>
    New,

    /// <summary>Between a reset and the episode's end.</summary>
    Running,

    /// <summary>After the episode's end.</summary>
    Ended,
}

/// <summary>The checks that go with <see cref="EpisodePhase"/>.</summary>
internal static class EpisodePhases
{
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

    /// <exception cref="InvalidOperationException">There was no reset yet.</exception>
    public static void ThrowIfNew(this EpisodePhase phase, EnvironmentSpec spec, string member)
    {
        if (phase == EpisodePhase.New)
            throw new InvalidOperationException($"{spec.Name}: call Reset before {member}.");
    }

    /// <exception cref="InvalidDataException">The data is no phase.</exception>
    public static EpisodePhase Read(BinaryReader reader) => (EpisodePhase)reader.ReadByte() is var phase &&
        phase <= EpisodePhase.Ended
        ? phase
        : throw new InvalidDataException($"Environment state: expected a phase from 0 to 2, got {(byte)phase}.");
}
