namespace Dqn.Orleans.Messages;

/// <summary>What a machine that acts says of itself about once a second: the heartbeat by which the learner knows it.</summary>
[GenerateSerializer, Immutable, Alias("Dqn.HostReport")]
internal sealed class HostReport
{
    /// <summary>The silo's address, its generation included: a machine that starts again has another.</summary>
    [Id(0)]
    public required string Host { get; init; }

    /// <summary>How many environments it wants to run.</summary>
    [Id(1)]
    public required int Share { get; init; }

    /// <summary>The version of the Dqn package it runs.</summary>
    [Id(2)]
    public required string Version { get; init; }

    /// <summary>What its environment is, as JSON.</summary>
    [Id(3)]
    public required string Environment { get; init; }

    /// <summary>Which life of the learner it works for; empty before it has heard of one.</summary>
    [Id(4)]
    public required Guid Epoch { get; init; }

    /// <summary>The numbers of the environments that it runs.</summary>
    [Id(5)]
    public required int[] Environments { get; init; }

    /// <summary>The version of its weights.</summary>
    [Id(6)]
    public required long WeightsVersion { get; init; }

    /// <summary>How many steps its environments have made since it started.</summary>
    [Id(7)]
    public required long Steps { get; init; }

    /// <summary>How many transitions of finished segments it has, sent ones included, since it started.</summary>
    [Id(8)]
    public required long Finished { get; init; }

    /// <summary>How many of them its shard has taken.</summary>
    [Id(9)]
    public required long Inserted { get; init; }

    /// <summary>How many its shard has now, how many it may have, and the bytes that they take.</summary>
    [Id(10)]
    public required long ShardCount { get; init; }

    /// <summary>How many transitions its shard may have.</summary>
    [Id(11)]
    public required long ShardCapacity { get; init; }

    /// <summary>The bytes that its shard takes.</summary>
    [Id(12)]
    public required long ShardBytes { get; init; }

    /// <summary>Whether it has a shard.</summary>
    [Id(13)]
    public required bool KeepsReplay { get; init; }

    /// <summary>Whether its silo leaves the cluster when the training is over.</summary>
    [Id(14)]
    public bool Leaves { get; init; }
}
