namespace Dqn.Orleans.Messages;

/// <summary>The learner's answer to a <see cref="HostReport"/>: what the machine is to play, and how the training stands.</summary>
[GenerateSerializer, Immutable, Alias("Dqn.Assignment")]
internal sealed record Assignment
{
    /// <summary>How the training stands.</summary>
    [Id(0)]
    public required TrainingPhase Phase { get; init; }

    /// <summary>Where it is refused or has failed, why.</summary>
    [Id(1)]
    public string Message { get; init; } = "";

    /// <summary>Which life of the learner this is.</summary>
    [Id(2)]
    public required Guid Epoch { get; init; }

    /// <summary>The numbers of the environments to be played, of the run's all.</summary>
    [Id(3)]
    public int[] Environments { get; init; } = [];

    /// <summary>How many agent steps the training has made, for ε.</summary>
    [Id(4)]
    public long Steps { get; init; }

    /// <summary>The version of the newest weights.</summary>
    [Id(5)]
    public long WeightsVersion { get; init; }

    /// <summary>How many frames' transitions the machine's shard is to keep.</summary>
    [Id(6)]
    public int ShardCapacity { get; init; }

    /// <summary>Which silo's shard takes the machine's segments; empty: none does yet.</summary>
    [Id(9)]
    public string Shard { get; init; } = "";

    /// <summary>The agent's options as JSON, where the machine did not know this life of the learner; else empty.</summary>
    [Id(7)]
    public string Options { get; init; } = "";

    /// <summary>Of the run's random streams.</summary>
    [Id(8)]
    public ulong Seed { get; init; }
}
