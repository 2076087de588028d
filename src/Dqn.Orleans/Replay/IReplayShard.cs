namespace Dqn.Orleans.Replay;

/// <summary>What the learner sees of a shard. Any call may fail or never return: the machine may be gone.</summary>
internal interface IReplayShard
{
    /// <summary>What there is to draw from.</summary>
    ValueTask<ShardTotals> Totals();

    /// <summary>Draws transitions: all that were asked for, or none where the shard is empty.</summary>
    ValueTask<SampledTransitions> Sample(SampleRequest request);

    /// <summary>Corrects priorities; transitions evicted meanwhile are passed over.</summary>
    ValueTask UpdatePriorities(PriorityUpdate update);
}
