using Dqn.Agents;
using Dqn.Orleans;
using Dqn.Orleans.Learner;
using Dqn.Training;
using Microsoft.Extensions.DependencyInjection;

namespace Dqn.Benchmarks;

/// <summary>A silo with some environments that wait; the cluster's first one learns too, at a pace that takes few cycles.</summary>
internal sealed class ActorSilo : IAsyncDisposable
{
    public const int Environments = 8; // On each silo, a thread for each.

    private readonly LocalSilo _silo;
    private readonly string _folder;

    private ActorSilo(LocalSilo silo, string folder) => (_silo, _folder) = (silo, folder);

    /// <summary>How many steps its environments have made.</summary>
    public long Steps => _silo.Actors!.Steps;

    /// <summary>How many of all silos' steps the learner has taken in; 0: it is on another silo.</summary>
    public long Learnt => _silo.Services.GetService<LearnerHost>()?.Session?.Parts.Learner.Steps ?? 0;

    public static async Task<ActorSilo> StartAsync(int port, int number, int silos)
    {
        string folder = Directory.CreateTempSubdirectory("dqn-scaling-").FullName;
        var options = new DqnActorOptions { Environments = Environments, Threads = Environments, StopsApplication = false };
        LocalSilo silo = await LocalSilo.StartAsync(port, number, builder =>
        {
            builder.AddDqnActors(() => new WaitingCartPole(), options);
            if (number == 0)
                builder.AddDqnLearner(Training(folder, silos));
        });
        return new ActorSilo(silo, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static DistributedTraining Training(string folder, int silos)
    {
        using var task = new WaitingCartPole();
        DqnOptions options = Trainer.OptionsFor(task.Spec, 1_000_000) with
        {
            Environments = silos * Environments,
            WarmupSteps = 500,
            UpdatePeriod = 64,
        };
        return new DistributedTraining(
            new TrainingRunOptions
            {
                Folder = folder,
                TotalSteps = long.MaxValue / 2,
                EvaluationInterval = long.MaxValue / 2,
                CheckpointInterval = long.MaxValue / 2,
                CheckpointTime = null,
            },
            options, () => new WaitingCartPole())
        {
            StopsApplication = false,
            Silence = TimeSpan.FromMinutes(1),
        };
    }
}
