using Dqn.Orleans.Replay;

namespace Dqn.Orleans.Shards;

/// <summary>A silo's part of the replay, for other silos; its key is the silo's address, so a silo that starts again is another.</summary>
[Alias("Dqn.ReplayShard")]
internal interface IReplayShardGrain : IGrainWithStringKey
{
    /// <summary>Takes a segment from a silo without a shard.</summary>
    /// <returns>False where the shard is not set up yet.</returns>
    [Alias("Insert")]
    ValueTask<bool> Insert(TransitionSegment segment);

    /// <summary>What there is to draw from.</summary>
    [Alias("Totals")]
    ValueTask<ShardTotals> Totals();

    /// <summary>Draws transitions.</summary>
    [Alias("Sample")]
    ValueTask<SampledTransitions> Sample(SampleRequest request);

    /// <summary>Corrects priorities.</summary>
    [Alias("Update")]
    ValueTask UpdatePriorities(PriorityUpdate update);
}
