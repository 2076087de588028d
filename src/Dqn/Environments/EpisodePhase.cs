namespace Dqn.Environments;

/// <summary>What may be called on an environment.</summary>
public enum EpisodePhase : byte
{
    /// <summary>Not reset yet.</summary>
    New,

    /// <summary>Between a reset and the episode's end.</summary>
    Running,

    /// <summary>After the episode's end.</summary>
    Ended,
}
