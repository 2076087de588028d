using Dqn.Orleans.Replay;

namespace Dqn.Tests.Replay;

/// <summary>A shard in this process, which can be made to fail, to hang, or to answer late.</summary>
internal sealed class MemoryShard(SegmentStore store) : IReplayShard
{
    private readonly Lock _lock = new();
    private int _samples, _updates;

    /// <summary>Called before each answer: throws or waits as the test wants.</summary>
    public Func<Task>? Before { get; set; }

    /// <summary>As <see cref="Before"/>, for samples alone.</summary>
    public Func<Task>? BeforeSample { get; set; }

    public int Samples => Volatile.Read(ref _samples);

    public int Updates => Volatile.Read(ref _updates);

    public SegmentStore Store => store;

    public static Task Hang() => new TaskCompletionSource().Task;

    public static Task Fail() => throw new IOException("The shard is gone.");

    public void Add(TransitionSegment segment)
    {
        lock (_lock)
            store.Add(segment);
    }

    public async ValueTask<ShardTotals> Totals()
    {
        if (Before is { } before)
            await before();
        lock (_lock)
            return store.Totals;
    }

    public async ValueTask<SampledTransitions> Sample(SampleRequest request)
    {
        Interlocked.Increment(ref _samples);
        if (Before is { } before)
            await before();
        if (BeforeSample is { } beforeSample)
            await beforeSample();
        lock (_lock)
            return store.Sample(request);
    }

    public async ValueTask UpdatePriorities(PriorityUpdate update)
    {
        Interlocked.Increment(ref _updates);
        if (Before is { } before)
            await before();
        lock (_lock)
            store.UpdatePriorities(update);
    }
}
