namespace Dqn.Orleans.Messages;

/// <summary>How a training stands, to a machine that acts for it.</summary>
internal enum TrainingPhase
{
    /// <summary>It goes on: the environments named are to be played.</summary>
    Training,

    /// <summary>It has reached its end: nothing is to be played any more.</summary>
    Over,

    /// <summary>It has stopped with an exception: nothing is to be played any more.</summary>
    Failed,

    /// <summary>This machine does not go with it: another version or environment.</summary>
    Refused,
}
