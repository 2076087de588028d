using System.Globalization;
using Dqn.Agents;
using Dqn.Benchmarks.Learning;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Replay;
using Dqn.Training;
using Dqn.Values;

namespace Dqn.Benchmarks.CartPole;

/// <summary>
/// What each option of <see cref="DqnOptions"/> does by itself to plain DQN on CartPole: three seeds each, every
/// 2,500 of 30,000 agent steps 20 greedy episodes of at most 500 steps, on seeds of their own.
/// </summary>
internal static class CartPoleAblation
{
    private const long Steps = 30_000, Interval = 2_500;
    private const int Seeds = 3;

    private static readonly DqnOptions s_plain = new()
    {
        Epsilon = new EpsilonSchedule(1, 0.05, 10_000),
        WarmupSteps = 1_000,
        BufferCapacity = 50_000,
        BatchSize = 128,
        TargetUpdatePeriod = 200,
        UpdatePeriod = 2,
        Network = new QNetworkOptions
        {
            Optimizer = new AdamOptions { LearningRate = 0.0005 },
            Loss = Loss.SmoothL1,
            MaxGradientNorm = 10,
            Threads = 1,
        },
    };

    private static readonly (string Name, DqnOptions Options)[] s_variants =
    [
        ("plain DQN", s_plain),
        ("Double", s_plain with { DoubleDqn = true }),
        ("dueling", s_plain with { Architecture = new() { Dueling = true } }),
        ("3-step returns", s_plain with { NStep = 3 }),
        ("prioritized replay", s_plain with { Prioritized = new PrioritizedReplayOptions(), ImportanceSteps = Steps }),
        ("categorical (C51)", s_plain with { Architecture = new() { Distribution = new CategoricalDistribution(0, 100) } }),
        ("32 quantiles", s_plain with { Architecture = new() { Distribution = new QuantileDistribution(32) } }),
        ("32 quantiles, decided by the lowest half", s_plain with
        {
            Architecture = new() { Distribution = new QuantileDistribution(32) },
            EvaluationRisk = 0.5,
        }),
        ("implicit quantiles (IQN)", s_plain with { Architecture = new() { Distribution = new ImplicitQuantileDistribution() } }),
        ("implicit quantiles, decided by the lowest half", s_plain with
        {
            Architecture = new() { Distribution = new ImplicitQuantileDistribution() },
            EvaluationRisk = 0.5,
        }),
        ("noisy layers, ε = 0", s_plain with { Architecture = new() { Noisy = true }, Epsilon = new EpsilonSchedule(0, 0, 1) }),
        ("random actions kept up, μ = 2", s_plain with { ExplorationDuration = new ExplorationDuration() }),
        ("Munchausen", s_plain with { Munchausen = new MunchausenOptions() }),
        ("Munchausen, implicit quantiles", s_plain with
        {
            Munchausen = new MunchausenOptions(),
            Architecture = new() { Distribution = new ImplicitQuantileDistribution() },
        }),
        ("Beyond the rainbow's parts: 3-step, dueling, prioritized, noisy layers, Munchausen, implicit quantiles", s_plain with
        {
            Epsilon = new EpsilonSchedule(0, 0, 1),
            NStep = 3,
            Prioritized = new PrioritizedReplayOptions { PriorityExponent = 0.2, ImportanceExponent = 0.45 },
            Munchausen = new MunchausenOptions(),
            Architecture = new() { Dueling = true, Noisy = true, Distribution = new ImplicitQuantileDistribution(8) },
        }),
        ("n from 10 to 3, γ from 0.9", s_plain with
        {
            NStep = 3,
            Horizon = new HorizonSchedule { Discount = 0.9, Updates = 5_000 },
        }),
        ("advantage learning 0.9", s_plain with { AdvantageLearning = 0.9 }),
        ("soft target 0.01, each update", s_plain with { TargetUpdatePeriod = 2, TargetUpdateRate = 0.01 }),
        ("layer normalisation", s_plain with { Architecture = new() { LayerNorm = true } }),
        ("averaged weights 0.995", s_plain with { EvaluationAverage = 0.995 }),
        ("4 environments, ladder", s_plain with { Environments = 4, Epsilon = new EpsilonSchedule(1, 0.3, 10_000) { Ladder = 7 } }),
        ("rewards × 0.1", s_plain with { RewardScale = 0.1 }),
        ("learning rate to a tenth", s_plain with { LearningRate = new LearningRateSchedule(0.0005, 0.00005, Steps) }),
        ("update every step", s_plain with { UpdatePeriod = 1 }),
        ("weight decay 0.1", s_plain with
        {
            Network = s_plain.Network with { Optimizer = new AdamOptions { LearningRate = 0.0005, WeightDecay = 0.1 } },
        }),
        ("resets after each 4,000 updates", s_plain with { Resets = new ResetOptions { Period = 4_000, Until = 8_000 } }),
        ("Bigger, better, faster's parts: 2 updates a step, resets, n from 10 to 3, Double, dueling, prioritized, categorical", s_plain with
        {
            BatchSize = 32,
            UpdatePeriod = 1,
            UpdatesPerPeriod = 2,
            TargetUpdatePeriod = 1,
            TargetUpdateRate = 0.01,
            NStep = 3,
            Horizon = new HorizonSchedule { Updates = 5_000 },
            Resets = new ResetOptions { Period = 20_000, Until = 40_000 },
            DoubleDqn = true,
            Prioritized = new PrioritizedReplayOptions { PriorityExponent = 0.5 },
            Architecture = new() { Dueling = true, Distribution = new CategoricalDistribution(0, 100) },
            Network = s_plain.Network with { Optimizer = new AdamOptions { LearningRate = 0.0005, WeightDecay = 0.1 } },
        }),
        ("Double, dueling, 3-step, prioritized, categorical", s_plain with
        {
            DoubleDqn = true,
            NStep = 3,
            Prioritized = new PrioritizedReplayOptions(),
            ImportanceSteps = Steps,
            Architecture = new() { Dueling = true, Distribution = new CategoricalDistribution(0, 100) },
        }),
    ];

    // Those above, and what is no DQN.
    private static IEnumerable<(string Name, Func<EnvironmentSpec, ulong, IAgent> Create)> Variants =>
    [
        .. s_variants.Select(variant => (variant.Name, Dqn(variant.Options))),
        ("PQN, 16 environments, as in the learning table", (spec, seed) =>
        {
            PqnOptions options = ParallelQOptions.For(LearningTask.All[0], Steps);
            return PqnAgent.Create(spec, options with { Network = options.Network with { Threads = 1 } }, seed);
        }),
    ];

    private static Func<EnvironmentSpec, ulong, IAgent> Dqn(DqnOptions options) => (spec, seed) => DqnAgent.Create(spec, options, seed);

    /// <summary>Trains and prints the variants whose names contain one of these; all where there is none.</summary>
    public static void Print(IReadOnlyList<string> names)
    {
        Console.WriteLine("| | mean of all evaluations | best | last, by seed |");
        Console.WriteLine("|---|--:|--:|---|");
        foreach ((string name, Func<EnvironmentSpec, ulong, IAgent> create) in Variants)
        {
            if (names.Count > 0 && !names.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
                continue;
            var runs = new double[Seeds][];
            Parallel.For(0, Seeds, seed => runs[seed] = [.. Evaluations(create, (ulong)seed + 1)]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {runs.Average(run => run.Average()):0} | {runs.Average(run => run.Max()):0} | " +
                $"{string.Join(", ", runs.Select(run => run[^1].ToString("0", CultureInfo.InvariantCulture)))} |"));
        }
    }

    private static IEnumerable<double> Evaluations(Func<EnvironmentSpec, ulong, IAgent> create, ulong seed)
    {
        using IEnvironment unseen = new CartPoleEnvironment().WithTimeLimit(500);
        using IAgent agent = create(unseen.Spec, seed);
        using var environments = new VectorEnvironment(
            agent.Environments, _ => new CartPoleEnvironment().WithTimeLimit(500), threads: 1);
        var evaluator = new Evaluator(unseen, new EvaluationOptions { FirstSeed = 5_000, Episodes = 20 });
        foreach (TrainingStep step in new TrainingLoop(agent, environments, seed).RunLazily())
        {
            if (step.Number % Interval == 0)
                yield return evaluator.Evaluate(agent.EvaluationNetwork).Mean;
            if (step.Number == Steps)
                yield break;
        }
    }
}
