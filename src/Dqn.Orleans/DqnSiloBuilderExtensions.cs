using Dqn.Environments;
using Dqn.Orleans.Actors;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Shards;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Dqn.Orleans;

/// <summary>Gives a silo of Microsoft Orleans its part in a <see cref="DistributedTraining"/>: acting, learning, or both.</summary>
/// <example><code>
/// builder.UseOrleans(silo => silo
///     .UseLocalhostClustering()
///     .AddDqnActors(() => new MyEnvironment(), environments: 8)
///     .AddDqnLearner(new DistributedTraining(run, options, () => new MyEnvironment())));
/// </code></example>
public static class DqnSiloBuilderExtensions
{
    /// <summary>The key of the learner's grain: there is one training in a cluster.</summary>
    internal const string Training = "training";

    /// <summary>The silo acts: it runs environments for the learner, wherever that is.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="create">Makes the task: a new environment each time.</param>
    /// <param name="environments">How many the machine wants to run, 1 … 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public static ISiloBuilder AddDqnActors(this ISiloBuilder silo, Func<IEnvironment> create, int environments) =>
        silo.AddDqnActors(create, new DqnActorOptions { Environments = environments });

    /// <summary>The silo acts: it runs environments for the learner, wherever that is.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="create">Makes the task: a new environment each time.</param>
    /// <param name="options">How many, and how.</param>
    /// <exception cref="InvalidOperationException">The silo acts already.</exception>
    public static ISiloBuilder AddDqnActors(this ISiloBuilder silo, Func<IEnvironment> create, DqnActorOptions options)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(options);
        RequireNew<ActorHost>(silo, nameof(AddDqnActors));
        AddShared(silo);
        silo.Services.AddSingleton(_ => new DqnActors());
        silo.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<ActorHost>(services, create, options));
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<ActorHost>());
        return silo;
    }

    /// <summary>
    /// The silo may learn. Of several such silos one does; where it dies or stops, another goes on from the last checkpoint.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="training">What is trained.</param>
    /// <exception cref="InvalidOperationException">The silo may learn already.</exception>
    public static ISiloBuilder AddDqnLearner(this ISiloBuilder silo, DistributedTraining training)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(training);
        RequireNew<LearnerHost>(silo, nameof(AddDqnLearner));
        AddShared(silo);
        silo.UseSiloMetadata(new Dictionary<string, string> { [LearnerPlacement.Key] = "1" });
        silo.Services.AddSingleton(training);
        silo.Services.AddSingleton<LearnerHost>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<LearnerHost>());
        return silo;
    }

    /// <summary>
    /// Makes the cluster see a silo that has died within about 5 seconds, where Orleans' own defaults take up to 15: probes every
    /// second, of which three may be missed, and any one silo's word counts. Both <see cref="AddDqnActors(ISiloBuilder,
    /// Func{IEnvironment}, int)"/> and <see cref="AddDqnLearner"/> do so; what is configured after them takes precedence.
    /// </summary>
    internal static void AddShared(ISiloBuilder silo)
    {
        if (silo.Services.Any(service => service.ServiceType == typeof(ReplayShard)))
            return;
        silo.UseSiloMetadata();
        silo.Services.AddSingleton<ReplayShard>();
        silo.AddPlacementDirector<SiloPlacement, SiloPlacementDirector>();
        silo.AddPlacementDirector<LearnerPlacement, LearnerPlacementDirector>();
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.NumMissedProbesLimit = 3;
            options.NumVotesForDeathDeclaration = 1;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        });
    }

    private static void RequireNew<T>(ISiloBuilder silo, string method)
    {
        if (silo.Services.Any(service => service.ServiceType == typeof(T)))
            throw new InvalidOperationException($"Expected {method} once for a silo, got it twice.");
    }
}
