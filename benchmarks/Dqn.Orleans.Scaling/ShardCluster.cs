using Dqn.Orleans;
using Dqn.Orleans.Replay;
using Dqn.Orleans.Shards;
using Microsoft.Extensions.DependencyInjection;

namespace Dqn.Benchmarks;

/// <summary>A learner's silo in this process, and filled shards in processes of their own.</summary>
internal sealed class ShardCluster : IAsyncDisposable
{
    private readonly LocalSilo _silo;
    private readonly List<ChildSilo> _shards = [];

    private ShardCluster(LocalSilo silo) => _silo = silo;

    public IServiceProvider Services => _silo.Services;

    /// <summary>The shards' addresses.</summary>
    public IEnumerable<string> Shards => _shards.Select(shard => shard.Address);

    /// <summary>Seconds of processor time that the shards' processes have taken.</summary>
    public double Work => _shards.Sum(shard => shard.Figures()[2]);

    /// <summary>That, and this process's.</summary>
    public double TotalWork => Work + Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>This silo's own address.</summary>
    public string Own => Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();

    public static async Task<ShardCluster> StartAsync(LearningTask task, int shards, int port)
    {
        var cluster = new ShardCluster(await LocalSilo.StartAsync(port, 0, DqnSiloBuilderExtensions.AddShared));
        for (int i = 1; i <= shards; i++)
            cluster._shards.Add(await ChildSilo.StartAsync(task.Name, port, i, shards + 1));
        return cluster;
    }

    public IReplayShardGrain Shard(string address) =>
        Services.GetRequiredService<IGrainFactory>().GetGrain<IReplayShardGrain>(address);

    public IReplayShard Link(string address) => new RemoteShard(Shard(address));

    public async ValueTask DisposeAsync()
    {
        foreach (ChildSilo shard in _shards)
            await shard.DisposeAsync();
        await _silo.DisposeAsync();
    }
}
