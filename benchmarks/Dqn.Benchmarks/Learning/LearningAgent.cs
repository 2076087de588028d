using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.CarRacing.Presets;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Learning;

/// <summary>An agent of the table. Another one is another record in <see cref="All"/>.</summary>
/// <param name="Name">What it is called there.</param>
/// <param name="Description">What it is made of, with its paper.</param>
/// <param name="Settings">All its options for a family and a number of steps, as data: what a kept result must agree with.</param>
/// <param name="Create">Makes it for a task's observations, a number of steps and a seed.</param>
internal sealed record LearningAgent(
    string Name, string Description, Func<TaskFamily, long, JsonObject> Settings,
    Func<TaskFamily, EnvironmentSpec, long, ulong, IAgent> Create)
{
    /// <summary>All, plain DQN first.</summary>
    public static ImmutableArray<LearningAgent> All { get; } =
    [
        Dqn("DQN", "Mnih et al. (2015)", PlainOptions.For),
        Dqn("Rainbow", "Hessel et al. (2018): Double, dueling, 3-step, prioritized, categorical, noisy layers", RainbowOptions.For),
        Dqn("Quantiles", "Double, dueling, 3-step, prioritized, 32 quantiles (Dabney et al. 2018), averaged weights", QuantileOptions.For),
        Dqn("IQN", "the same with implicit quantiles (Dabney et al. 2018b)", ImplicitOptions.For),
        new(
            "PQN", "Gallici et al. (2024): λ-returns over 16 environments at once, layer normalisation, no replay, no target network",
            (family, steps) => ParallelQOptions.For(family, steps).ToJson(), CreatePqn),
    ];

    /// <summary>A <see cref="DqnAgent"/> with the options of a family.</summary>
    private static LearningAgent Dqn(string name, string description, Func<TaskFamily, long, DqnOptions> options) => new(
        name, description, (family, steps) => options(family, steps).ToJson(), (family, spec, steps, seed) =>
        {
            DqnOptions given = options(family, steps);
            DqnOptions single = given with { Network = given.Network with { Threads = 1 } };
            return family == TaskFamily.Racing
                ? (CarRacingPresets.Fast with { Agent = single }).CreateAgent(spec, seed)
                : DqnAgent.Create(spec, single, seed);
        });

    private static PqnAgent CreatePqn(TaskFamily family, EnvironmentSpec spec, long steps, ulong seed)
    {
        PqnOptions given = ParallelQOptions.For(family, steps);
        PqnOptions options = given with { Network = given.Network with { Threads = 1 } };
        if (family != TaskFamily.Racing)
            return PqnAgent.Create(spec, options, seed);
        var random = new Pcg64(seed);
        var network = new QNetwork(CarRacingPresets.Fast.Network.Build(spec, options.Architecture), random, options.Network);
        return new PqnAgent(network, spec, options, random.NextUInt64());
    }
}
