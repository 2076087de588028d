namespace Dqn.Orleans.Replay;

/// <summary>What a shard has to draw from.</summary>
/// <param name="Count">How many transitions can be sampled.</param>
/// <param name="LikelihoodSum">
/// Σ pᵢ^α over them, or their number where all are drawn alike: the length of the shard's piece of the line on which all
/// shards' likelihoods lie end to end.
/// </param>
/// <param name="LargestPriority">The largest p so far, at least 1.</param>
[GenerateSerializer, Immutable, Alias("Dqn.ShardTotals")]
internal readonly record struct ShardTotals(
    [property: Id(0)] long Count, [property: Id(1)] double LikelihoodSum, [property: Id(2)] double LargestPriority);
