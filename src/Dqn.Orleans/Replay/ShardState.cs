namespace Dqn.Orleans.Replay;

/// <summary>How a shard looks from the learner.</summary>
/// <param name="Id">As it was attached.</param>
/// <param name="Totals">What it had to draw from when last heard of.</param>
/// <param name="Answers">Whether batches are drawn from it now; false where it failed last.</param>
/// <param name="DroppedUpdates">How many corrected priorities it did not get, since it was too slow or had failed.</param>
internal readonly record struct ShardState(string Id, ShardTotals Totals, bool Answers, long DroppedUpdates);
