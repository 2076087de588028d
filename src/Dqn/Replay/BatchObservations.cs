namespace Dqn.Replay;

/// <summary>Which observations of a sampled batch are rebuilt.</summary>
public enum BatchObservations
{
    /// <summary>None: whoever learns has the frames, and asks for their places.</summary>
    None,

    /// <summary>s, not s′.</summary>
    Current,

    /// <summary>s and s′.</summary>
    Both,
}
