namespace Dqn.Replay;

/// <summary>What is known of a stored frame.</summary>
[Flags]
internal enum ReplayFlags : byte
{
    /// <summary>A frame at which no action was taken (yet): an episode's last one, or the newest of all.</summary>
    None = 0,

    /// <summary>The first frame of an episode: stacks do not reach behind it.</summary>
    EpisodeStart = 1,

    /// <summary>An action was taken at this frame; the frame that followed is the next place's.</summary>
    Transition = 2,

    /// <summary>That action ended the task: the frame that followed has no future.</summary>
    Terminated = 4,
}
