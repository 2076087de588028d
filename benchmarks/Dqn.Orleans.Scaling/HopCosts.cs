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
/// process, where arguments are passed on as they are, and to another process on this machine: µs from call to answer, the
/// fastest tenth of calls one after another, and µs of processor time in both processes together.
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
            "| task | empty call, within | between | insert 64, within | between | sample a batch, within | between | publish weights | load weights |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
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
        string publish = await Time(
            () =>
            {
                weights.Publish(network);
                return ValueTask.CompletedTask;
            }, calls / 10, cluster);
        WeightsMessage message = weights.NewerThan(default, 0)!;
        string load = await Time(
            () =>
            {
                network.LoadStateDict(SafeTensorsFile.Read(new MemoryStream(message.File)));
                return ValueTask.CompletedTask;
            }, calls / 10, cluster);

        int segmentBytes = Bytes(whole), batchBytes = Bytes(sampled);
        sizes.Add(
            $"| {task.Title} | {segmentBytes:N0} | {segmentBytes / (double)whole.Transitions:N0} | {Bytes(ReportOf(whole)):N0} | {batchBytes:N0} | " +
            $"{batchBytes / (double)sampled.Count:N0} | {Bytes(request):N0} | {(task.Options.Prioritized is null ? "–" : Bytes(update).ToString("N0"))} | {Bytes(message):N0} |");
        times.Add(
            $"| {task.Title} | {await Call(within)} | {await Call(between)} | {await Insert(within)} | {await Insert(between)} | " +
            $"{await Sample(within)} | {await Sample(between)} | {publish} | {load} |");
        Console.WriteLine(sizes[^1]);
        Console.WriteLine(times[^1]);

        int Bytes<T>(T value) => serializer.SerializeToArray(value).Length;

        Task<string> Call(IReplayShardGrain grain) => Time(async () => await grain.Totals(), calls, cluster);

        Task<string> Sample(IReplayShardGrain grain) => Time(async () => await grain.Sample(request), calls, cluster);

        Task<string> Insert(IReplayShardGrain grain)
        {
            int next = 0;
            return Time(async () => await grain.Insert(segments[next++ % segments.Length]), calls, cluster);
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

    // Where other programs run too, the fastest tenth tells most of time, and processor time, of both ends, more than that.
    private static async Task<string> Time(Func<ValueTask> call, int calls, ShardCluster cluster)
    {
        for (int i = 0; i < calls / 5; i++)
            await call();
        var times = new double[calls];
        double work = cluster.TotalWork;
        for (int i = 0; i < calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await call();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        work = (cluster.TotalWork - work) / calls * 1e6;
        return $"{Significant.Digits(Quantiles.Of([.. times.Order()], 0.1))}; {Significant.Digits(work)}";
    }
}
