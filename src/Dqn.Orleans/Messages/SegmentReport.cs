namespace Dqn.Orleans.Messages;

/// <summary>
/// What the learner counts of a segment that a shard has taken: a few bytes a step. The frames stay on the shard.
/// </summary>
[GenerateSerializer, Immutable, Alias("Dqn.SegmentReport")]
internal sealed class SegmentReport
{
    /// <summary>The silo that made it.</summary>
    [Id(0)]
    public required string Host { get; init; }

    /// <summary>Which of the silo's reports this is, from 0: one that comes twice counts once.</summary>
    [Id(1)]
    public required long Number { get; init; }

    /// <summary>The life of the learner that permitted it.</summary>
    [Id(2)]
    public required Guid Epoch { get; init; }

    /// <summary>Which of the run's environments.</summary>
    [Id(3)]
    public required int Environment { get; init; }

    /// <summary>[transitions]: the actions taken.</summary>
    [Id(4)]
    public required int[] Actions { get; init; }

    /// <summary>[transitions]: the rewards, as the environment gave them.</summary>
    [Id(5)]
    public required float[] Rewards { get; init; }

    /// <summary>The episodes that ended within, in order.</summary>
    [Id(6)]
    public required EndedEpisode[] Episodes { get; init; }
}

/// <summary>An episode that ended.</summary>
/// <param name="Place">With which transition of the report.</param>
/// <param name="Return">The sum of its rewards.</param>
/// <param name="Steps">How many agent steps it had.</param>
/// <param name="Frames">How many frames it had.</param>
/// <param name="Terminated">The task ended.</param>
/// <param name="Truncated">It was cut off.</param>
[GenerateSerializer, Immutable, Alias("Dqn.EndedEpisode")]
internal readonly record struct EndedEpisode(
    [property: Id(0)] int Place, [property: Id(1)] double Return, [property: Id(2)] int Steps, [property: Id(3)] int Frames,
    [property: Id(4)] bool Terminated, [property: Id(5)] bool Truncated);
