using Dqn.Orleans.Replay;

namespace Dqn.Orleans.Shards;

/// <summary>A shard as the learner has it.</summary>
/// <param name="grain">Where it is.</param>
internal sealed class RemoteShard(IReplayShardGrain grain) : IReplayShard
{
    /// <inheritdoc/>
    public ValueTask<ShardTotals> Totals() => grain.Totals();

    /// <inheritdoc/>
    public ValueTask<SampledTransitions> Sample(SampleRequest request) => grain.Sample(request);

    /// <inheritdoc/>
    public ValueTask UpdatePriorities(PriorityUpdate update) => grain.UpdatePriorities(update);
}
