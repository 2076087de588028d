using System.Collections.Concurrent;
using Dqn.Environments;
using Dqn.Orleans;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Shards;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Dqn.Tests.Clusters;

/// <summary>A training in a cluster in this process: some silos act, some may learn.</summary>
internal sealed class TrainingCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly ConcurrentQueue<SiloRole> _roles;

    /// <summary>Makes it; <see cref="StartAsync"/> starts it.</summary>
    /// <param name="roles">What each silo does that it begins with.</param>
    public TrainingCluster(params IReadOnlyCollection<SiloRole> roles)
    {
        _roles = new(roles);
        var builder = new InProcessTestClusterBuilder((short)roles.Count);
        builder.ConfigureSiloHost((_, host) => host.Logging.AddProvider(Log).SetMinimumLevel(LogLevel.Information)
            .AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning));
        builder.ConfigureSilo((_, silo) => Configure(silo));
        _cluster = builder.Build();
    }

    /// <summary>What was logged.</summary>
    public MemoryLog Log { get; } = new();

    /// <summary>The silos that live.</summary>
    public IReadOnlyList<InProcessSiloHandle> Silos => [.. _cluster.Silos.Where(silo => silo.IsActive)];

    /// <summary>What the living silos may train.</summary>
    public IEnumerable<DistributedTraining> Trainings =>
        Silos.Select(silo => silo.ServiceProvider.GetService<DistributedTraining>()).OfType<DistributedTraining>();

    /// <summary>The silo on which the learner is now; null: on none.</summary>
    public InProcessSiloHandle? LearnerSilo => Silos.FirstOrDefault(silo => Host(silo)?.Session is not null);

    /// <summary>The learner's life.</summary>
    public TrainingSession? Session => LearnerSilo is { } silo ? Host(silo)?.Session : null;

    public Task StartAsync() => _cluster.DeployAsync();

    public async Task<InProcessSiloHandle> AddAsync(SiloRole role)
    {
        _roles.Enqueue(role);
        return await _cluster.StartAdditionalSiloAsync();
    }

    /// <summary>As if its process were killed: a learner writes nothing any more.</summary>
    public Task KillAsync(InProcessSiloHandle silo)
    {
        Host(silo)?.Session?.Stop(crash: true);
        return _cluster.KillSiloAsync(silo);
    }

    public Task StopAsync(InProcessSiloHandle silo) => _cluster.StopSiloAsync(silo);

    public static DqnActors? Actors(InProcessSiloHandle silo) => silo.ServiceProvider.GetService<DqnActors>();

    public static ReplayShard? Shard(InProcessSiloHandle silo) => silo.ServiceProvider.GetService<ReplayShard>();

    public static DistributedTraining? Training(InProcessSiloHandle silo) => silo.ServiceProvider.GetService<DistributedTraining>();

    public static string Address(InProcessSiloHandle silo) => silo.SiloAddress.ToParsableString();

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what, int seconds = 60)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"Waited {seconds} s in vain for {what}.");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    private static LearnerHost? Host(InProcessSiloHandle silo) => silo.ServiceProvider.GetService<LearnerHost>();

    private void Configure(ISiloBuilder silo)
    {
        Assert.That(_roles.TryDequeue(out SiloRole? role), "a role for each silo");
        if (role!.Environment is { } create)
            silo.AddDqnActors(create, role.Actors);
        if (role.Training is { } training)
            silo.AddDqnLearner(training());

        // Several times as quick as the package has it: a test waits for each death.
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromMilliseconds(400);
            options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
        });
    }
}

/// <summary>What a silo does.</summary>
internal sealed record SiloRole
{
    /// <summary>Makes what it acts in; null: it does not.</summary>
    public Func<IEnvironment>? Environment { get; init; }

    public DqnActorOptions Actors { get; init; } = new() { Environments = 2, Threads = 1, StopsApplication = false };

    /// <summary>Makes what it may train; null: nothing.</summary>
    public Func<DistributedTraining>? Training { get; init; }
}
