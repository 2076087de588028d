using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>What the learner asks of its shards, and how patiently.</summary>
internal sealed record ShardedReplayOptions
{
    /// <summary>Transitions per batch, at least 1.</summary>
    public required int BatchSize { get; init => field = AtLeast(value, 1, nameof(BatchSize)); }

    /// <summary>γ, 0 … 1. Default 0.99.</summary>
    public double Discount
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Discount), value, $"{nameof(Discount)}: expected 0 … 1.");
    } = 0.99;

    /// <summary>How transitions are prioritized; null, the default: all are drawn alike.</summary>
    public PrioritizedReplayOptions? Prioritized { get; init; }

    /// <summary>
    /// How many batches are under way or wait for the learner, at least 1. Null, the default: 4, or more where they are small,
    /// <see cref="PrefetchPlan"/>.
    /// </summary>
    public int? PrefetchedBatches
    {
        get;
        init => field = value is { } batches ? AtLeast(batches, 1, nameof(PrefetchedBatches)) : null;
    }

    /// <summary>
    /// How many corrected priorities wait for each shard at most, in batches, at least 1. Default 8; as many as are drawn ahead,
    /// where that is more: short updates make as many while one message is under way.
    /// </summary>
    public int PendingBatches { get; init => field = AtLeast(value, 1, nameof(PendingBatches)); } = 8;

    /// <summary>How long a shard has for an answer before it is left out, above 0. Default 2 s.</summary>
    public TimeSpan Timeout { get; init => field = Positive(value, nameof(Timeout)); } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often each shard is asked how much it has, above 0; answers to samples say it too. Default 50 ms.
    /// </summary>
    public TimeSpan TotalsInterval { get; init => field = Positive(value, nameof(TotalsInterval)); } = TimeSpan.FromMilliseconds(50);

    private static int AtLeast(int value, int least, string name) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected at least {least}.");

    private static TimeSpan Positive(TimeSpan value, string name) => value > TimeSpan.Zero && value <= TimeSpan.FromDays(1)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected above 0, at most a day.");
}
