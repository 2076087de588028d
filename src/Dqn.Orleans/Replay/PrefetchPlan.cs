namespace Dqn.Orleans.Replay;

/// <summary>
/// How batches are drawn ahead: several groups at a time, each by one request to every shard. Where a batch is small its call
/// takes longer than learning from it, so a group is of several batches.
/// </summary>
/// <param name="Groups">How many groups are under way or wait for the learner.</param>
/// <param name="GroupSize">Of how many batches each is.</param>
internal readonly record struct PrefetchPlan(int Groups, int GroupSize)
{
    private const int Calls = 4; // At a time: enough to hide a call's way behind learning.
    private const int MostBatches = 64;
    private const long GroupBytes = 64 << 10; // Above that a message's bytes cost more than its call.

    /// <summary>A plan for batches of that size.</summary>
    /// <param name="batches">How many batches to draw ahead; null: 4, or more where they are small.</param>
    /// <param name="format">What transitions look like.</param>
    /// <param name="batchSize">How many a batch has.</param>
    public static PrefetchPlan Of(int? batches, SegmentFormat format, int batchSize)
    {
        int fitting = (int)Math.Clamp(GroupBytes / Math.Max(1, batchSize * format.SampleBytes), 1, MostBatches / Calls);
        int ahead = batches ?? Calls * fitting, size = Math.Clamp(ahead / Calls, 1, fitting);
        return new PrefetchPlan(ahead / size, size);
    }

    /// <summary>How many batches that is.</summary>
    public int Batches => Groups * GroupSize;
}
