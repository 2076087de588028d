using System.Text.Json.Nodes;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Training;

/// <summary>What defines a network and how it learns, as JSON; see <see cref="RunSettings"/>.</summary>
internal static class NetworkSettings
{
    /// <summary>
    /// The engine, how it learns and what it is made of where that is known, and the parameters' names and shapes.
    /// </summary>
    public static JsonObject Describe(IQNetwork network)
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

    /// <summary>All but the number of threads and the instructions used, which a resumed run may change.</summary>
    public static JsonObject Describe(QNetworkOptions options) => new()
    {
        ["optimizer"] = Describe(options.Optimizer),
        ["loss"] = options.Loss.ToString(),
        ["maxGradientNorm"] = double.IsFinite(options.MaxGradientNorm) ? options.MaxGradientNorm : "infinite",
    };

    public static JsonObject Describe(OptimizerOptions optimizer) => optimizer switch
    {
        RmsPropOptions rmsProp => new()
        {
            ["name"] = "RMSProp",
            ["learningRate"] = rmsProp.LearningRate,
            ["alpha"] = rmsProp.Alpha,
            ["epsilon"] = rmsProp.Epsilon,
            ["momentum"] = rmsProp.Momentum,
            ["centered"] = rmsProp.Centered,
        },
        AdamOptions adam => new()
        {
            ["name"] = "Adam",
            ["learningRate"] = adam.LearningRate,
            ["beta1"] = adam.Beta1,
            ["beta2"] = adam.Beta2,
            ["epsilon"] = adam.Epsilon,
        },
        _ => new() { ["name"] = optimizer.GetType().Name, ["learningRate"] = optimizer.LearningRate },
    };
}
