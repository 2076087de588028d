using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Learning;

/// <summary>An agent of the table. Another one is another record in <see cref="All"/>.</summary>
/// <param name="Name">What it is called there.</param>
/// <param name="Description">What it is made of, with its paper.</param>
/// <param name="Settings">All its options for a task and a number of steps, as data: what a kept result must agree with.</param>
/// <param name="Create">Makes it for a task's observations, a number of steps and a seed.</param>
internal sealed record LearningAgent(
    string Name, string Description, Func<LearningTask, long, JsonObject> Settings,
    Func<LearningTask, EnvironmentSpec, long, ulong, IAgent> Create)
{
    /// <summary>All, plain DQN first.</summary>
    public static ImmutableArray<LearningAgent> All { get; } =
    [
        Dqn("DQN", "Mnih et al. (2015)", PlainOptions.For, PlainOptions.Hidden),
        Dqn("Rainbow", "Hessel et al. (2018): Double, dueling, 3-step, prioritized, categorical, noisy layers", RainbowOptions.For),
        Dqn("Quantiles", "Double, dueling, 3-step, prioritized, 32 quantiles (Dabney et al. 2018), averaged weights", QuantileOptions.For),
        Dqn("IQN", "the same with implicit quantiles (Dabney et al. 2018b)", ImplicitOptions.For),
        new(
            "PQN", "Gallici et al. (2024): λ-returns over 4 or 16 environments at once, layer normalisation, no replay, no target network",
            (task, steps) => ParallelQOptions.For(task, steps).ToJson(), CreatePqn),
    ];

    /// <summary>A <see cref="DqnAgent"/> with the options of a task.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="description">What it is made of.</param>
    /// <param name="options">Its options.</param>
    /// <param name="hidden">The hidden layers for numbers, where they are not the library's two of 128 units.</param>
    private static LearningAgent Dqn(
        string name, string description, Func<LearningTask, long, DqnOptions> options, params int[] hidden) => new(
        name, description, (task, steps) =>
        {
            JsonObject settings = options(task, steps).ToJson();
            if (task.Family == TaskFamily.Numbers && hidden.Length > 0)
                settings["hidden"] = string.Join(' ', hidden);
            return settings;
        }, (task, spec, steps, seed) =>
        {
            DqnOptions given = options(task, steps);
            DqnOptions single = given with { Network = given.Network with { Threads = 1 } };
            if (task.Family == TaskFamily.Racing)
                return (LearningTask.Racing with { Agent = single }).CreateAgent(spec, seed);
            if (task.Family != TaskFamily.Numbers || hidden.Length == 0)
                return DqnAgent.Create(spec, single, seed);
            var random = new Pcg64(seed);
            var architecture = new MlpActionValue(spec.ObservationLength, spec.ActionCount, single.Architecture, hidden);
            return new DqnAgent(new QNetwork(architecture, random, single.Network), spec, single, random.NextUInt64());
        });

    private static PqnAgent CreatePqn(LearningTask task, EnvironmentSpec spec, long steps, ulong seed)
    {
        PqnOptions given = ParallelQOptions.For(task, steps);
        PqnOptions options = given with { Network = given.Network with { Threads = 1 } };
        if (task.Family != TaskFamily.Racing)
            return PqnAgent.Create(spec, options, seed);
        var random = new Pcg64(seed);
        var network = new QNetwork(LearningTask.Racing.Network.Build(spec, options.Architecture), random, options.Network);
        return new PqnAgent(network, spec, options, random.NextUInt64());
    }
}
