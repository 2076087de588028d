using System.Text.Json.Nodes;
using Dqn.CarRacing.Presets;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Orleans;
using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Benchmarks;

/// <summary>
/// Trains CarRacing's fast preset on four silos of one process, to be compared with a local run of the preset step by step.
/// What is in the folder is gone on with.
/// </summary>
internal static class CarRacingTraining
{
    private const int Silos = 4;

    public static async Task RunAsync(string folder, long steps, int episodes, int port)
    {
        CarRacingPreset preset = CarRacingPresets.Fast;
        int each = preset.Agent.Environments / Silos;
        var training = new DistributedTraining(
            new TrainingRunOptions
            {
                Folder = folder,
                TotalSteps = steps,
                Seed = 1,
                EvaluationInterval = preset.EvaluationInterval,
                CheckpointInterval = 10_000, // Replay is not in it, so it is small.
                WeightsExtension = ".safetensors",
                Settings = new JsonObject { ["preset"] = preset.Name, ["silos"] = Silos },
            },
            preset.Agent, () => Trained(preset))
        {
            EvaluationEnvironment = preset.CreateEnvironment,
            Evaluation = new EvaluationOptions { Episodes = episodes },
            Network = (spec, options, seed) =>
                new QNetwork(preset.Network.Build(spec, options.Architecture), new Pcg64(seed), options.Network),
            StopsApplication = false,
            Silence = TimeSpan.FromMinutes(5), // Where other programs have the processors, nobody is to be taken for dead.
            Watch = run => run.AddSink(new ConsoleMetricSink()),
        };
        var actors = new DqnActorOptions { Environments = each, Threads = 1, StopsApplication = false };
        var silos = new List<LocalSilo>();
        for (int i = 0; i < Silos; i++)
        {
            int number = i;
            silos.Add(await LocalSilo.StartAsync(port, number, silo =>
            {
                silo.AddDqnActors(() => Trained(preset), actors);
                if (number == 0)
                    silo.AddDqnLearner(training);
            }));
        }

        await Task.WhenAny(training.Completion, silos[0].Shutdown);
        foreach (LocalSilo silo in Enumerable.Reverse(silos))
            await silo.DisposeAsync();
    }

    // As the preset makes each of its training environments: the compact network sees half of each side.
    private static FrameStack Trained(CarRacingPreset preset) => preset.Training.Create(preset.Pixels with { Downscale = 2 });
}
