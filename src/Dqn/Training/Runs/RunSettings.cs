using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;

namespace Dqn.Training;

/// <summary>
/// What defines a run's results, as JSON: for <c>options.json</c>, and compared when a run is resumed.
/// </summary>
internal static class RunSettings
{
    /// <summary>
    /// Everything that a resumed run must share; how far the run goes and how often it saves itself are not part of it.
    /// </summary>
    public static JsonObject Describe(
        TrainingRunOptions options, DqnAgent agent, EvaluationOptions evaluation, EnvironmentSpec environment) =>
        new()
        {
            ["run"] = new JsonObject
            {
                ["seed"] = options.Seed,
                ["evaluationInterval"] = options.EvaluationInterval,
                ["metricInterval"] = options.MetricInterval,
            },
            ["agent"] = Describe(agent.Options),
            ["network"] = NetworkSettings.Describe(agent.Network),
            ["evaluation"] = new JsonObject
            {
                ["firstSeed"] = evaluation.FirstSeed,
                ["episodes"] = evaluation.Episodes,
                ["epsilon"] = evaluation.Epsilon,
            },
            ["environment"] = new JsonObject
            {
                ["name"] = environment.Name,
                ["observationShape"] = new JsonArray([.. environment.ObservationShape.Select(axis => (JsonNode)axis)]),
                ["elementType"] = environment.ElementType.ToString(),
                ["stackedFrames"] = environment.StackedFrames,
                ["actionCount"] = environment.ActionCount,
            },
            ["other"] = options.Settings,
        };

    /// <summary>All but the network's, which knows its own.</summary>
    public static JsonObject Describe(DqnOptions agent) => new()
    {
        ["environments"] = agent.Environments,
        ["epsilon"] = Describe(agent.Epsilon),
        ["explorationDuration"] = agent.ExplorationDuration is { } duration
            ? new JsonObject { ["exponent"] = duration.Exponent, ["longest"] = duration.Longest }
            : null,
        ["discount"] = agent.Discount,
        ["batchSize"] = agent.BatchSize,
        ["warmupSteps"] = agent.WarmupSteps,
        ["bufferCapacity"] = agent.BufferCapacity,
        ["targetUpdatePeriod"] = agent.TargetUpdatePeriod,
        ["targetUpdateRate"] = agent.TargetUpdateRate,
        ["updatePeriod"] = agent.UpdatePeriod,
        ["updatesPerPeriod"] = agent.UpdatesPerPeriod,
        ["nStep"] = agent.NStep,
        ["rewardScale"] = agent.RewardScale,
        ["learningRate"] = agent.LearningRate is { } rate
            ? new JsonObject { ["start"] = rate.Start, ["end"] = rate.End, ["steps"] = rate.Steps }
            : null,
        ["evaluationAverage"] = agent.EvaluationAverage,
        ["evaluationRisk"] = agent.EvaluationRisk,
        ["doubleDqn"] = agent.DoubleDqn,
        ["prioritized"] = agent.Prioritized is { } prioritized
            ? new JsonObject
            {
                ["priorityExponent"] = prioritized.PriorityExponent,
                ["priorityOffset"] = prioritized.PriorityOffset,
                ["importanceExponent"] = prioritized.ImportanceExponent,
            }
            : null,
        ["importanceSteps"] = agent.ImportanceSteps,
        ["randomShift"] = agent.RandomShift,
        ["mirrorActions"] = new JsonArray([.. agent.MirrorActions.Select(action => (JsonNode)action)]),
        ["advantageLearning"] = agent.AdvantageLearning,
        ["munchausen"] = agent.Munchausen is { } munchausen
            ? new JsonObject
            {
                ["scale"] = munchausen.Scale,
                ["temperature"] = munchausen.Temperature,
                ["logPolicyFloor"] = munchausen.LogPolicyFloor,
            }
            : null,
    };

    private static JsonObject Describe(EpsilonSchedule epsilon) => new()
    {
        ["start"] = epsilon.Start,
        ["end"] = epsilon.End,
        ["decaySteps"] = epsilon.DecaySteps,
        ["ladder"] = epsilon.Ladder,
        ["then"] = epsilon.Then is { } then ? Describe(then) : null,
    };

    /// <summary>Where two descriptions differ: <c>agent.batchSize was 32, is 64</c>.</summary>
    public static IEnumerable<string> Differences(JsonNode? saved, JsonNode? current, string path = "")
    {
        if (saved is JsonObject savedObject && current is JsonObject currentObject)
        {
            return savedObject.Select(pair => pair.Key)
                .Union(currentObject.Select(pair => pair.Key))
                .SelectMany(name => Differences(
                    savedObject[name], currentObject[name], path.Length == 0 ? name : $"{path}.{name}"));
        }

        // As text: a number read back is another kind of node than one that was put in.
        string was = saved?.ToJsonString() ?? "absent", now = current?.ToJsonString() ?? "absent";
        return was == now ? [] : [$"{path} was {was}, is {now}"];
    }
}
