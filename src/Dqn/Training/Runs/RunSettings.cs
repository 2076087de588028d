using System.Text.Json.Nodes;
using Dqn.Agents;

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
        TrainingRunOptions options, DqnAgent agent, Evaluator evaluator, JsonObject environment) =>
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
                ["firstSeed"] = evaluator.Options.FirstSeed,
                ["episodes"] = evaluator.Options.Episodes,
                ["epsilon"] = evaluator.Options.Epsilon,
                ["environment"] = evaluator.DescribeEnvironment(),
            },
            ["environment"] = environment,
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
}
