using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Training;

/// <summary>
/// What defines a run's results, as JSON: for <c>options.json</c>, and compared when a run is resumed. Made of what the
/// options, the network and the environments say of themselves.
/// </summary>
internal static class RunSettings
{
    /// <summary>
    /// Everything that a resumed run must share; how far the run goes and how often it saves itself are not part of it.
    /// </summary>
    public static JsonObject Describe(
        TrainingRunOptions options, ILearner learner, Evaluator evaluator, JsonObject environment) => new()
        {
            ["run"] = new JsonObject
            {
                ["seed"] = options.Seed,
                ["evaluationInterval"] = options.EvaluationInterval,
                ["metricInterval"] = options.MetricInterval,
            },
            ["agent"] = learner.Describe(),
            ["network"] = Describe(learner.Network),
            ["evaluation"] = new JsonObject
            {
                ["firstSeed"] = evaluator.Options.FirstSeed,
                ["episodes"] = evaluator.Options.Episodes,
                ["epsilon"] = evaluator.Options.Epsilon,
                ["environment"] = evaluator.DescribeEnvironment(),
            },
            ["environment"] = environment,
            ["other"] = options.Settings,
        };

    // The engine, how it learns and what it is made of where that is known, and the parameters' names and shapes.
    private static JsonObject Describe(IQNetwork network)
    {
        var parameters = new JsonObject();
        foreach ((string name, Tensor tensor) in network.GetStateDict())
            parameters[name] = Tensor.Format(tensor.Shape);
        var settings = new JsonObject { ["engine"] = network.GetType().Name, ["parameters"] = parameters };
        if (network.Architecture is { } architecture)
            settings["architecture"] = ArchitectureText.Describe(architecture);
        if (network.Options is { } options)
            settings["learning"] = Describe(options);
        return settings;
    }

    // All but the number of threads and the instructions used, which a resumed run may change.
    private static JsonObject Describe(QNetworkOptions options)
    {
        JsonObject learning = DqnOptionsJson.Write(options);
        learning.Remove("threads");
        learning.Remove("instructionSet");
        return learning;
    }
}
