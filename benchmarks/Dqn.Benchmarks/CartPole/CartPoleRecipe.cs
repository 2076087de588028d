using System.Globalization;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

namespace Dqn.Benchmarks.CartPole;

/// <summary>
/// <see cref="Trainer.OptionsFor"/> on CartPole as samples/CartPole.cs trains, and without one of its parts each: ten
/// seeds of 50,000 agent steps, evaluated after each tenth on 20 greedy episodes of at most 500 steps.
/// </summary>
internal static class CartPoleRecipe
{
    private const long Steps = 50_000;
    private const int Seeds = 10, Evaluations = 10;

    private static readonly (string Name, Func<DqnOptions, DqnOptions> Change)[] s_variants =
    [
        ("`Trainer.OptionsFor`", options => options),
        ("without layer normalisation", options => options with { Architecture = new() }),
        ("1-step returns", options => options with { NStep = 1 }),
        ("3-step returns", options => options with { NStep = 3 }),
        ("a buffer for the whole run", options => options with { BufferCapacity = Steps }),
        ("constant learning rate", options => options with { LearningRate = null }),
        ("the last weights instead of their average", options => options with { EvaluationAverage = 0 }),
        ("without Double", options => options with { DoubleDqn = false }),
    ];

    /// <summary>Trains and prints the variants whose names contain one of these; all where there is none.</summary>
    public static void Print(IReadOnlyList<string> names)
    {
        Console.WriteLine("| | ≥ 475 at the end | mean of the later half's evaluations | at the end, by seed |");
        Console.WriteLine("|---|--:|--:|---|");
        foreach ((string name, Func<DqnOptions, DqnOptions> change) in s_variants)
        {
            if (names.Count > 0 && !names.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
                continue;
            var runs = new double[Seeds][];
            Parallel.For(0, Seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                i => runs[i] = Train(change, seed: (ulong)i + 1));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {runs.Count(run => run[^1] >= 475)} of {Seeds} | " +
                $"{runs.Average(run => run[(Evaluations / 2)..].Average()):0} | " +
                $"{string.Join(", ", runs.Select(run => run[^1].ToString("0", CultureInfo.InvariantCulture)))} |"));
        }
    }

    private static double[] Train(Func<DqnOptions, DqnOptions> change, ulong seed)
    {
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
        using IEnvironment unseen = new CartPoleEnvironment().WithTimeLimit(500);
        DqnOptions usual = Trainer.OptionsFor(environment.Spec, Steps);
        using DqnAgent agent = DqnAgent.Create(
            environment.Spec, change(usual with { Network = usual.Network with { Threads = 1 } }), seed);
        var loop = new TrainingLoop(agent, environment, seed);
        var evaluator = new Evaluator(unseen, new EvaluationOptions { Episodes = 20 });
        var means = new double[Evaluations];
        for (int i = 0; i < Evaluations; i++)
        {
            loop.Run(Steps / Evaluations);
            means[i] = evaluator.Evaluate(agent.EvaluationNetwork).Mean;
        }

        return means;
    }
}
