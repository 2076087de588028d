using System.Diagnostics;
using System.Globalization;
using Dqn.Agents;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Replay;

namespace Dqn.Benchmarks;

/// <summary>
/// A learner that samples from shards in other processes, beside the same learner with a buffer of its own: windows of both in
/// turn, ABBA, with no actors, so that nothing but where the transitions lie differs. The one with shards publishes its weights
/// as it would for actors. Where other programs have the processors, its thread's processor time says how fast it would be
/// with a processor of its own; what the process takes besides is Orleans', on other processors.
/// </summary>
internal static class LearnerPace
{
    private const int PublishPeriod = 50;

    public static async Task RunAsync(int pairs, int updates, int shards, int port, string? only)
    {
        var lines = new List<string>
        {
            "| task | its thread's processor time an update, local | with shards | rate it allows, of local | all threads, local | with shards | " +
            "shards' processes | updates/s, local | with shards | ratio | waits | pauses for garbage | bytes an update |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        };
        foreach (LearningTask task in LearningTask.All.Where(task => only is null || task.Name == only))
            lines.Add(await MeasureAsync(task, pairs, updates, shards, port += 10));
        Report.Write("learner", lines);
    }

    private static async Task<string> MeasureAsync(LearningTask task, int pairs, int window, int shards, int port)
    {
        using var sockets = new SocketBytes();
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
        window *= task.Windows;
        Window(local, null, window);
        Window(distributed, weights, window); // Everything is compiled, and batches lie ready.

        var measured = new List<(Pace Local, Pace Distributed)>();
        double served = 0;
        long waits = replay.Waits, updates = distributed.Updates, bytes = sockets.Total;
        for (int pair = 0; pair < pairs; pair++)
        {
            Pace one = pair % 2 == 0 ? Window(local, null, window) : default;
            double before = cluster.Work;
            Pace two = Window(distributed, weights, window);
            served += cluster.Work - before;
            if (pair % 2 != 0)
                one = Window(local, null, window);
            measured.Add((one, two));
            Console.WriteLine(
                $"{task.Name} {pair + 1,3}: its thread {one.Own * 1e3:0.000} and {two.Own * 1e3:0.000} ms, {one.Own / two.Own:0.000}; all threads " +
                $"{one.Work * 1e3:0.000} and {two.Work * 1e3:0.000} ms; {one.Updates:0.0} and {two.Updates:0.0} updates/s; pauses {two.Pauses:0.0%}");
        }

        (updates, bytes) = (distributed.Updates - updates, sockets.Total - bytes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {task.Title} | {Median(pair => pair.Local.Own * 1e3)} ms | {Median(pair => pair.Distributed.Own * 1e3)} ms | " +
            $"{Quantiles.Median(measured.Select(pair => pair.Local.Own / pair.Distributed.Own)):0.000} | " +
            $"{Median(pair => pair.Local.Work * 1e3)} ms | {Median(pair => pair.Distributed.Work * 1e3)} ms | " +
            $"{Significant.Digits(served / updates * 1e3)} ms | " +
            $"{Median(pair => pair.Local.Updates)} | {Median(pair => pair.Distributed.Updates)} | " +
            $"{Quantiles.Median(measured.Select(pair => pair.Distributed.Updates / pair.Local.Updates)):0.000} | " +
            $"{(double)(replay.Waits - waits) / updates:0.0%} | " +
            $"{measured.Average(pair => pair.Distributed.Pauses):0.0%} | {bytes / updates:N0} |");

        string Median(Func<(Pace Local, Pace Distributed), double> of) => Significant.Digits(Quantiles.Median(measured.Select(of)));
    }

    // The numerics' one thread is the caller's, which nothing here gives away.
    private static Pace Window(DqnLearner learner, WeightsStore? weights, int updates)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan work = Environment.CpuUsage.TotalTime, pauses = GC.GetTotalPauseDuration();
        double own = ThreadTime();
        for (int i = 0; i < updates; i++)
        {
            learner.CountStep();
            learner.Learn();
            if (weights is not null && learner.Updates % PublishPeriod == 0)
                weights.Publish(learner.Network);
        }

        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Pace(
            updates / elapsed, (ThreadTime() - own) / updates, (Environment.CpuUsage.TotalTime - work).TotalSeconds / updates,
            (GC.GetTotalPauseDuration() - pauses).TotalSeconds / elapsed);
    }

    /// <summary>Seconds of processor time of the calling thread, as Linux counts them; elsewhere unknown.</summary>
    private static double ThreadTime() => File.Exists(Schedule)
        ? long.Parse(File.ReadAllText(Schedule).Split(' ')[0], CultureInfo.InvariantCulture) * 1e-9
        : double.NaN;

    private const string Schedule = "/proc/thread-self/schedstat";

    private readonly record struct Pace(double Updates, double Own, double Work, double Pauses);
}
