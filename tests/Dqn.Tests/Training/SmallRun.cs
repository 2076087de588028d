using System.Security.Cryptography;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Tests.Environments;
using Dqn.Training;
using Dqn.Values;
using Microsoft.Extensions.Logging;

namespace Dqn.Tests.Training;

/// <summary>
/// A training run of a few hundred steps in which everything happens: warm-up, target syncs, a ring that wraps.
/// </summary>
internal sealed class SmallRun : IDisposable
{
    private readonly IEnvironment _evaluationEnvironment;
    private readonly VectorEnvironment _environments;

    public SmallRun(
        string folder, string task, Func<TrainingRunOptions, TrainingRunOptions>? change = null,
        ILogger? logger = null)
    {
        // "pixels-3" is pixels with three environments for the learner, and more of its options.
        bool several = task.EndsWith("-3", StringComparison.Ordinal);
        task = several ? task[..^2] : task;
        Environment = Make(task);
        _environments = several
            ? new VectorEnvironment([Environment, Make(task), Make(task)], threads: 2)
            : new VectorEnvironment([Environment]);
        _evaluationEnvironment = Make(task);
        EnvironmentSpec spec = Environment.Spec;
        IQNetwork network = task switch
        {
            "carracing" => new QNetwork(new CnnActionValue(4, 5), new Pcg64(5)),
            "rainbow" => new QNetwork(
                new Sequential(
                    [3, 2, 6], pixels: true,
                    [
                        new Flatten(), new Linear("fc1", 8), new LayerNorm("fc1_norm"), new Relu(),
                        new Dueling([new NoisyLinear("value", 11)], [new NoisyLinear("advantage", 33)]),
                    ],
                    new CategoricalDistribution(-2, 5, 11)),
                new Pcg64(5), new QNetworkOptions { Optimizer = new AdamOptions(), Threads = 1 }),
            "cartpole-mlp" => new QNetwork(
                new MlpActionValue(4, 2, 16), new Pcg64(5),
                new QNetworkOptions { Optimizer = new AdamOptions(), Threads = 1 }),
            _ => new LinearQNetwork(spec.ObservationBytes, spec.ActionCount, spec.ElementType == ElementType.Byte, 5),
        };
        var agentOptions = new DqnOptions
        {
            Epsilon = new EpsilonSchedule(1, 0.1, 200),
            WarmupSteps = 60,
            BufferCapacity = 128,
            BatchSize = 8,
            TargetUpdatePeriod = 45,
        };
        if (several)
        {
            agentOptions = agentOptions with
            {
                Environments = 3,
                Epsilon = new EpsilonSchedule(1, 0.4, 200) { Ladder = 7 },
                ExplorationDuration = new ExplorationDuration(1.5, 12),
                UpdatePeriod = 4,
                UpdatesPerPeriod = 2,
                NStep = 3,
                RewardScale = 0.5,
                EvaluationAverage = 0.9,
                TargetUpdatePeriod = 6,
                TargetUpdateRate = task == "pixels" ? 1 : 0.2,
                Munchausen = task == "pixels" ? new MunchausenOptions() : null,
                LearningRate = network is QNetwork ? new LearningRateSchedule(0.001, 0.0001, 300) : null,
            };
        }

        if (task == "rainbow")
        {
            agentOptions = agentOptions with
            {
                DoubleDqn = true,
                Prioritized = new PrioritizedReplayOptions(),
                ImportanceSteps = 350,
                RandomShift = 1,
                MirrorActions = [2, 1, 0],
                AdvantageLearning = 0.9,
                Munchausen = null,
            };
        }

        Agent = new DqnAgent(network, spec, agentOptions, seed: 11);
        var options = new TrainingRunOptions
        {
            Folder = folder,
            TotalSteps = TotalSteps(task),
            Seed = 3,
            EvaluationInterval = 70,
            CheckpointInterval = 40,
            MetricInterval = 25,
        };
        Run = new TrainingRun(
            change?.Invoke(options) ?? options, Agent, _environments,
            new Evaluator(_evaluationEnvironment, new EvaluationOptions { Episodes = 3, Epsilon = 0.05 }), logger);
    }

    public IEnvironment Environment { get; }

    public DqnAgent Agent { get; }

    public TrainingRun Run { get; }

    /// <summary>How many steps the run has.</summary>
    public static int TotalSteps(string task) => task == "carracing" ? 100 : 400;

    /// <summary>The environments: a fresh one each time.</summary>
    public static IEnvironment Make(string task) => task switch
    {
        "cartpole" or "cartpole-mlp" => new CartPoleEnvironment().WithTimeLimit(30).WithStatistics(),
        "pixels" or "rainbow" => new PixelChase(true)
            .WithTimeLimit(17).WithStatistics().WithNoOpStart(2).WithFrameSkip(2).WithFrameStack(3),
        "carracing" => new CarRacingEnvironment()
            .WithTimeLimit(100).WithStatistics().WithNoOpStart().WithFrameSkip().WithGreyCrop().WithFrameStack(),
        "game" => new TakeAway().WithTimeLimit(5).WithStatistics(),
        "pixels-unsaved" => new PixelChase(false).WithTimeLimit(17).WithStatistics().WithFrameStack(3),
        _ => throw new ArgumentException(task),
    };

    /// <summary>
    /// A hash of all that a finished run leaves and a repetition gives again: the last checkpoint's parts, the history, the
    /// weights, without times.
    /// </summary>
    public static string Remains(string folder)
    {
        var hashes = new List<string>();
        Checkpoint checkpoint = new CheckpointStore(Path.Combine(folder, "checkpoints")).Load()!;
        foreach (string name in checkpoint.Names.Where(name => name != "clock"))
            checkpoint.Read(name, reader => hashes.Add($"{name} {Hash(SHA256.HashData(reader.BaseStream))}"));
        hashes.Add(History(folder));
        foreach (string name in new[] { "best.pt", "latest.pt" })
            hashes.Add($"{name} {Hash(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, name))))}");
        return $"step {checkpoint.Step}\n{string.Join('\n', hashes)}";

        static string Hash(byte[] bytes) => Convert.ToHexString(bytes);
    }

    /// <summary>The lines of a run's history without their last column, the time.</summary>
    public static string History(string folder) => string.Join(
        '\n', File.ReadLines(Path.Combine(folder, "history.csv")).Select(line => line[..line.LastIndexOf(',')]));

    public void Dispose()
    {
        Run.Dispose();
        Agent.Dispose();
        _environments.Dispose();
        _evaluationEnvironment.Dispose();
    }
}
