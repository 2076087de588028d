using System.Collections.Immutable;
using System.Globalization;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Training;

namespace Dqn.Orleans.Learner;

/// <summary>What a person wants to see of a distributed training beside a run's figures.</summary>
internal static class ClusterTables
{
    /// <summary>The machines that act: what they do, how old their weights are, how full their shards.</summary>
    public static RunTable Machines(IEnumerable<HostReport> reports, Func<string, double> pace, long newestWeights) => new(
        "Machines",
        ["silo", "environments", "steps/s", "steps", "segments under way", "weights behind", "shard", "shard MB"],
        [
            .. reports.OrderBy(report => report.Host, StringComparer.Ordinal).Select(report => ImmutableArray.Create(
                report.Host,
                report.Environments.Length.ToString(CultureInfo.InvariantCulture),
                Number(pace(report.Host)),
                Number(report.Steps),
                Number(report.Finished - report.Inserted) + " steps",
                Number(Math.Max(0, newestWeights - report.WeightsVersion)),
                report.KeepsReplay ? $"{Number(report.ShardCount)} of {Number(report.ShardCapacity)}" : "elsewhere",
                report.KeepsReplay ? Number(report.ShardBytes / 1e6) : "")),
        ]);

    /// <summary>Whether actors and learner go together, and who waits for whom.</summary>
    public static RunTable Exchange(LearnerParts parts, int assigned)
    {
        RateLimiter limiter = parts.Limiter;
        double after = limiter.InsertedCount - limiter.MinimumSize;
        string held = after > 0 ? Ratio(limiter.SampledCount / after) : "–";
        ShardedReplay replay = parts.Replay;
        return new RunTable(
            "Actors and learner", ["", "now"],
            [
                ["environments played", $"{assigned} of {parts.Learner.Options.Environments}"],
                ["samples per insert, asked", Ratio(limiter.SamplesPerInsert)],
                ["samples per insert, held", held],
                ["steps waiting for the learner", Number(parts.Loop.WaitingSteps)],
                ["transitions in all shards", Number(replay.Count)],
                ["batches the learner waited for", $"{Number(replay.Waits)}, {Number(replay.WaitTime.TotalSeconds)} s"],
                ["versions of the weights", Number(parts.Weights.Version)],
            ]);
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
