using System.Diagnostics;
using Dqn.Agents;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Replay;

namespace Dqn.Benchmarks;

/// <summary>
/// A learner that samples from shards in other processes, beside the same learner with a buffer of its own: windows of both in
/// turn, ABBA, with no actors, so that nothing but where the transitions lie differs. The one with shards publishes its weights
/// as it would for actors.
/// </summary>
internal static class LearnerPace
{
    private const int PublishPeriod = 50;

    public static async Task RunAsync(int pairs, double seconds, int shards, int port, string? only)
    {
        var lines = new List<string>
        {
            "| task | local updates/s | with shards | ratio | processor time an update, local | with shards | ratio | shards' own | waits | pauses for garbage, local | with shards |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        };
        foreach (LearningTask task in LearningTask.All.Where(task => only is null || task.Name == only))
            lines.Add(await MeasureAsync(task, pairs, seconds, shards, port += 10));
        Report.Write("learner", lines);
    }

    private static async Task<string> MeasureAsync(LearningTask task, int pairs, double seconds, int shards, int port)
    {
        await using ShardCluster cluster = await ShardCluster.StartAsync(task, shards, port);
        var options = new ShardedReplayOptions
        {
            BatchSize = task.Options.BatchSize,
            Discount = task.Options.Discount,
            Prioritized = task.Options.Prioritized,
            Timeout = TimeSpan.FromMinutes(1), // Where other programs have the processors, nothing is to be left out.
        };
        await using var replay = new ShardedReplay(
            task.Format, options, 1, (host, exception) => Console.WriteLine($"{host}: {exception.Message}"));
        foreach (string shard in cluster.Shards)
            replay.Attach(shard, cluster.Link(shard));
        using var distributed = new DqnLearner(task.Network(), replay, task.Spec, task.Options, 1);
        using var local = new DqnLearner(task.Network(), task.Buffer(shards), task.Spec, task.Options, 1);
        var weights = new WeightsStore(Guid.NewGuid());
        Window(local, null, seconds);
        Window(distributed, weights, seconds); // Everything is compiled, and batches lie ready.

        var measured = new List<(Pace Local, Pace Distributed)>();
        double served = 0;
        long waits = replay.Waits, updates = distributed.Updates;
        for (int pair = 0; pair < pairs; pair++)
        {
            Pace one = pair % 2 == 0 ? Window(local, null, seconds) : default;
            double before = cluster.Work;
            Pace two = Window(distributed, weights, seconds);
            served += cluster.Work - before;
            if (pair % 2 != 0)
                one = Window(local, null, seconds);
            measured.Add((one, two));
            Console.WriteLine(
                $"{task.Name} {pair + 1,3}: {one.Updates,8:0.0} updates/s local, {two.Updates,8:0.0} with shards: {two.Updates / one.Updates:0.000}; " +
                $"processor time {one.Work * 1e3:0.00} and {two.Work * 1e3:0.00} ms, pauses {one.Pauses:0.0%} and {two.Pauses:0.0%}");
        }

        updates = distributed.Updates - updates;
        return
            $"| {task.Title} | {Median(pair => pair.Local.Updates)} | {Median(pair => pair.Distributed.Updates)} | " +
            $"{Quantiles.Median(measured.Select(pair => pair.Distributed.Updates / pair.Local.Updates)):0.000} | " +
            $"{Median(pair => pair.Local.Work * 1e3)} ms | {Median(pair => pair.Distributed.Work * 1e3)} ms | " +
            $"{Quantiles.Median(measured.Select(pair => pair.Distributed.Work / pair.Local.Work)):0.000} | " +
            $"{Significant.Digits(served / updates * 1e3)} ms | {(double)(replay.Waits - waits) / updates:0.0%} | " +
            $"{measured.Average(pair => pair.Local.Pauses):0.0%} | {measured.Average(pair => pair.Distributed.Pauses):0.0%} |";

        string Median(Func<(Pace Local, Pace Distributed), double> of) => Significant.Digits(Quantiles.Median(measured.Select(of)));
    }

    private static Pace Window(DqnLearner learner, WeightsStore? weights, double seconds)
    {
        long updates = learner.Updates, start = Stopwatch.GetTimestamp();
        TimeSpan work = Environment.CpuUsage.TotalTime, pauses = GC.GetTotalPauseDuration();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            learner.CountStep();
            learner.Learn();
            if (weights is not null && learner.Updates % PublishPeriod == 0)
                weights.Publish(learner.Network);
        }

        updates = learner.Updates - updates;
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Pace(
            updates / elapsed, (Environment.CpuUsage.TotalTime - work).TotalSeconds / updates,
            (GC.GetTotalPauseDuration() - pauses).TotalSeconds / elapsed);
    }

    private readonly record struct Pace(double Updates, double Work, double Pauses);
}
