using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.CarRacing.Training;
using Dqn.Environments;
using Dqn.Identity;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.CarRacing.Presets;

/// <summary>A set of options that belong together: from it, a whole training follows.</summary>
/// <example><code>
/// CarRacingPreset preset = CarRacingPresets.Fast;
/// using VectorEnvironment environments = preset.CreateTrainingEnvironments();
/// using DqnAgent agent = preset.CreateAgent(environments.Spec, seed: 1);
/// </code></example>
public sealed record CarRacingPreset
{
    /// <summary>What it is called.</summary>
    public string Name { get; init; } = "own";

    /// <summary>What it is for, in a few words.</summary>
    public string Description { get; init; } = "";

    /// <summary>Agent steps in all (four frames each), of all environments together.</summary>
    public long Steps { get; init; } = 1_000_000;

    /// <summary>How the agent acts and learns, its network's optimizer and loss included.</summary>
    public DqnOptions Agent { get; init; } = new();

    /// <summary>What the network is made of.</summary>
    public DriverNetwork Network { get; init; } = new();

    /// <summary>
    /// The CarRacing that is driven, its actions included. A table of its own needs the fitting
    /// <see cref="DqnOptions.MirrorActions"/>, where transitions are mirrored: <see cref="CarActions.MirrorActions"/>.
    /// </summary>
    public CarRacingOptions Task { get; init; } = new();

    /// <summary>The task that is evaluated, as the agent sees it.</summary>
    public PixelPipeline Pixels { get; init; } = new();

    /// <summary>What training has beyond it.</summary>
    public TrainingTask Training { get; init; } = new();

    /// <summary>Evaluate every so many agent steps.</summary>
    public long EvaluationInterval { get; init; } = 10_000;

    /// <summary>Episodes per evaluation.</summary>
    public int EvaluationEpisodes { get; init; } = 5;

    /// <summary>Save everything every so many agent steps.</summary>
    public long CheckpointInterval { get; init; } = 10_000;

    private PixelPipeline Scaled => Pixels with { Downscale = Network.Downscale };

    /// <summary>The preset that <paramref name="json"/> makes of another one; see <see cref="DqnOptions.FromJson"/>.</summary>
    /// <param name="json">Some or all properties, as <see cref="ToJson"/> names them.</param>
    /// <param name="defaults">For what is left out.</param>
    /// <exception cref="InvalidDataException">An unknown name, or a value out of its range.</exception>
    public static CarRacingPreset FromJson(JsonNode? json, CarRacingPreset defaults) =>
        OptionsJson.Read(json, defaults, CarRacingPresetJson.Type, DqnOptions.JsonTemplates);

    /// <summary>All of it as data.</summary>
    public JsonObject ToJson() => OptionsJson.Write(this, CarRacingPresetJson.Type);

    /// <summary>An environment to evaluate on, or to watch.</summary>
    public FrameStack CreateEnvironment() => Scaled.Create(Task);

    /// <summary>The environments to train in.</summary>
    public VectorEnvironment CreateTrainingEnvironments() => new(
        Agent.Environments, _ => Training.Create(Scaled, Task), threads: Agent.Network.Threads);

    /// <summary>An agent with a network of the preset's.</summary>
    /// <param name="spec">Of the preset's environments.</param>
    /// <param name="seed">Of the network's parameters and the agent's random streams.</param>
    /// <param name="makeNetwork">
    /// Makes the network of an architecture, drawing its parameters from the random stream: for another engine. Null
    /// for the built-in one.
    /// </param>
    public DqnAgent CreateAgent(
        EnvironmentSpec spec, ulong seed, Func<Sequential, Pcg64, QNetworkOptions, IQNetwork>? makeNetwork = null)
    {
        // As DqnAgent.Create does with a network of its own choice.
        var random = new Pcg64(seed);
        Sequential architecture = Network.Build(spec, Agent.Architecture);
        IQNetwork network = makeNetwork is null
            ? new QNetwork(architecture, random, Agent.Network)
            : makeNetwork(architecture, random, Agent.Network);
        return new DqnAgent(network, spec, Agent, random.NextUInt64());
    }
}
