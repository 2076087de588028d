using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dqn.Identity;
using Dqn.Networks;
using Dqn.Replay;
using Dqn.Values;

namespace Dqn.Agents;

/// <summary>How <see cref="DqnOptions"/> are written and read.</summary>
[JsonSerializable(typeof(DqnOptions))]
[JsonSerializable(typeof(AdamOptions))]
[JsonSerializable(typeof(RAdamOptions))]
[JsonSerializable(typeof(RmsPropOptions))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class DqnOptionsJson : JsonSerializerContext
{
    private static readonly JsonSerializerOptions s_settings = OptionsJson.Settings(new DqnOptionsJson());

    /// <summary>The options' type, with the library's settings.</summary>
    public static JsonTypeInfo<DqnOptions> Type { get; } =
        (JsonTypeInfo<DqnOptions>)s_settings.GetTypeInfo(typeof(DqnOptions));

    /// <summary>
    /// What a part of the JSON is filled up with where the default has nothing: <c>"prioritized": {}</c> is the paper's.
    /// </summary>
    public static IReadOnlyDictionary<string, JsonObject> Templates { get; } = MakeTemplates();

    /// <summary>How a network learns and computes, as it stands within the agent's options.</summary>
    public static JsonObject Write(QNetworkOptions options) =>
        OptionsJson.Write(options, (JsonTypeInfo<QNetworkOptions>)s_settings.GetTypeInfo(typeof(QNetworkOptions)));

    private static Dictionary<string, JsonObject> MakeTemplates()
    {
        DqnOptions all = new()
        {
            Prioritized = new PrioritizedReplayOptions(),
            Munchausen = new MunchausenOptions(),
            Horizon = new HorizonSchedule(),
            Resets = new ResetOptions(),
            ExplorationDuration = new ExplorationDuration(),
            Architecture = new ActionValueOptions { Distribution = new QuantileDistribution() },
        };
        JsonObject options = OptionsJson.Write(all, Type);
        JsonObject implicitQuantiles = OptionsJson.Write(
            all with { Architecture = new ActionValueOptions { Distribution = new ImplicitQuantileDistribution() } }, Type);
        return new Dictionary<string, JsonObject>
        {
            ["prioritized"] = Part(options["prioritized"]),
            ["munchausen"] = Part(options["munchausen"]),
            ["horizon"] = Part(options["horizon"]),
            ["resets"] = Part(options["resets"]),
            ["explorationDuration"] = Part(options["explorationDuration"]),
            ["then"] = Part(options["epsilon"]),
            ["Quantile"] = Part(options["architecture"]!["distribution"]),
            ["ImplicitQuantile"] = Part(implicitQuantiles["architecture"]!["distribution"]),
            ["Categorical"] = new JsonObject { ["atoms"] = new CategoricalDistribution(0, 1).Atoms },
            ["RMSProp"] = Part(options["network"]!["optimizer"]),
            ["Adam"] = Optimizer(new AdamOptions()),
            ["RAdam"] = Optimizer(new RAdamOptions()),
        };

        static JsonObject Optimizer(OptimizerOptions options) =>
            Part(Write(new QNetworkOptions { Optimizer = options })["optimizer"]);

        static JsonObject Part(JsonNode? node) => node!.DeepClone().AsObject();
    }
}
