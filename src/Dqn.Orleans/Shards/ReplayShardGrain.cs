using Dqn.Orleans.Replay;
using Orleans.Placement;

namespace Dqn.Orleans.Shards;

/// <summary>Opens its silo's <see cref="ReplayShard"/> to other silos.</summary>
/// <param name="shard">The silo's.</param>
[SiloPlacement, Immovable, CollectionAgeLimit(AlwaysActive = true)]
internal sealed class ReplayShardGrain(ReplayShard shard) : Grain, IReplayShardGrain
{
    /// <inheritdoc/>
    public ValueTask<bool> Insert(TransitionSegment segment) => ValueTask.FromResult(shard.Insert(segment));

    /// <inheritdoc/>
    public ValueTask<ShardTotals> Totals() => ValueTask.FromResult(shard.Totals);

    /// <inheritdoc/>
    public ValueTask<SampledTransitions> Sample(SampleRequest request) => ValueTask.FromResult(shard.Sample(request));

    /// <inheritdoc/>
    public ValueTask UpdatePriorities(PriorityUpdate update)
    {
        shard.UpdatePriorities(update);
        return ValueTask.CompletedTask;
    }
}
