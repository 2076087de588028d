using System.Diagnostics;
using Dqn.Networks;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Orleans.Shards;
using Dqn.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Dqn.Benchmarks;

/// <summary>
/// What messages weigh as Orleans writes them, without the header of about a hundred bytes, and what a call costs: within the
/// process, where arguments are passed on as they are, and to another process on this machine. Medians of calls one after another.
/// </summary>
internal static class HopCosts
{
    public static async Task RunAsync(int calls, int port)
    {
        var sizes = new List<string>
        {
            "| task | segment of 64, bytes | a transition | its report | batch, bytes | a transition | its request | its priorities | weights |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        };
        var times = new List<string>
        {
            "| task | empty call, within | between | insert 64, within | between | sample a batch, within | between | publish weights | fetch, between | load |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        };
        foreach (LearningTask task in LearningTask.All)
            await MeasureAsync(task, calls, port += 10, sizes, times);
        Report.Write("messages", sizes);
        Report.Write("hops", times);
    }

    private static async Task MeasureAsync(LearningTask task, int calls, int port, List<string> sizes, List<string> times)
    {
        await using ShardCluster cluster = await ShardCluster.StartAsync(task, 1, port);
        task.Fill(cluster.Services.GetRequiredService<ReplayShard>(), 0);
        Serializer serializer = cluster.Services.GetRequiredService<Serializer>();
        TransitionSegment[] segments = [.. task.Segments(64 * 200, 7, 7)];
        TransitionSegment whole = segments[1]; // With the context of the one before.
        var request = new SampleRequest
        {
            Draws = [.. Enumerable.Range(0, task.Options.BatchSize).Select(i => (i + 0.5) / task.Options.BatchSize)],
            Steps = task.Options.NStep,
            Discount = task.Options.Discount,
        };
        IReplayShardGrain within = cluster.Shard(cluster.Own), between = cluster.Shard(cluster.Shards.Single());
        SampledTransitions sampled = await between.Sample(request);
        var update = new PriorityUpdate { Ids = sampled.Ids, TdErrors = new float[sampled.Count] };
        using IQNetwork network = task.Network();
        var weights = new WeightsStore(Guid.NewGuid());
        double publish = await Time(() => { weights.Publish(network); return ValueTask.CompletedTask; }, 30);
        WeightsMessage message = weights.NewerThan(default, 0)!;
        double load = await Time(() =>
        {
            network.LoadStateDict(SafeTensorsFile.Read(new MemoryStream(message.File)));
            return ValueTask.CompletedTask;
        }, 30);

        int segmentBytes = Bytes(whole), batchBytes = Bytes(sampled);
        sizes.Add(
            $"| {task.Title} | {segmentBytes:N0} | {segmentBytes / (double)whole.Transitions:N0} | {Bytes(ReportOf(whole)):N0} | {batchBytes:N0} | " +
            $"{batchBytes / (double)sampled.Count:N0} | {Bytes(request):N0} | {(task.Options.Prioritized is null ? "–" : Bytes(update).ToString("N0"))} | {Bytes(message):N0} |");
        times.Add(
            $"| {task.Title} | {await Call(within)} | {await Call(between)} | {await Insert(within)} | {await Insert(between)} | " +
            $"{await Sample(within)} | {await Sample(between)} | {Micro(publish)} | – | {Micro(load)} |");
        Console.WriteLine(sizes[^1]);
        Console.WriteLine(times[^1]);

        int Bytes<T>(T value) => serializer.SerializeToArray(value).Length;

        async Task<string> Call(IReplayShardGrain grain) => Micro(await Time(async () => await grain.Totals(), calls));

        async Task<string> Sample(IReplayShardGrain grain) => Micro(await Time(async () => await grain.Sample(request), calls));

        async Task<string> Insert(IReplayShardGrain grain)
        {
            int next = 0;
            return Micro(await Time(async () => await grain.Insert(segments[next++ % segments.Length]), calls));
        }
    }

    private static SegmentReport ReportOf(TransitionSegment segment) => new()
    {
        Host = "127.0.0.1:11111@153000000",
        Number = 1_000,
        Epoch = Guid.NewGuid(),
        Environment = 1,
        Actions = segment.Actions[..segment.Transitions],
        Rewards = segment.Rewards[..segment.Transitions],
        Episodes = [],
    };

    private static async Task<double> Time(Func<ValueTask> call, int calls)
    {
        for (int i = 0; i < calls / 5; i++)
            await call();
        var times = new double[calls];
        for (int i = 0; i < calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await call();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return Quantiles.Median(times);
    }

    private static string Micro(double microseconds) => Significant.Digits(microseconds) + " µs";
}
