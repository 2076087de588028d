using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Fuzz;

/// <summary>What is JSON or CSV: options, a run's records, a policy's metadata, an architecture.</summary>
internal static class Texts
{
    public static IEnumerable<Target> All()
    {
        byte[] options = Bytes(new DqnOptions { Prioritized = new(), Munchausen = null, LearningRate = new(0.001, 0.0001, 300) }
            .ToJson().ToJsonString());
        yield return new Target("agent options", options, Mutations.MutateFurther, ReadOptions, Every: 4);
        yield return new Target(
            "some agent options", Bytes("""{"batchSize":32,"prioritized":{},"epsilon":{"then":{}},"network":{"optimizer":{"kind":"Adam"}}}"""),
            Mutations.MutateFurther, ReadOptions, Every: 4);
        yield return new Target(
            "options.json", Bytes("""{"settings":{"seed":1},"starts":[{"time":"2026-01-01T00:00:00Z","step":100,"processors":2}]}"""),
            Mutations.MutateFurther, file => RunRecord.ParseStarts(Encoding.UTF8.GetString(file)));
        yield return new Target(
            "history.csv", Bytes("step,train/loss,evaluation/mean,evaluation/std\n100,0.5,,\n200,1e-3,21.5,3.25\n"),
            Mutations.MutateFurther, ReadHistory);

        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(200).WithStatistics();
        yield return new Target(
            "policy spec", Bytes((environment.Spec with { HasIllegalActions = true }).Describe().ToJsonString()), Mutations.MutateFurther, ReadSpec);
        yield return new Target(
            "policy environment", Bytes(Pipeline(environment).ToJsonString()), Mutations.MutateFurther, ReadPipeline);
        yield return new Target(
            "architecture text", Bytes(ArchitectureText.Format(new Sequential(
                [4], pixels: false, [new Linear("fc1", 3), new Relu(), new NoisyLinear("fc2", 2)]))),
            Mutations.MutateFurther, file => ArchitectureText.Parse(Encoding.UTF8.GetString(file)), Every: 2);
    }

    private static void ReadOptions(byte[] file)
    {
        JsonNode? json;
        try
        {
            json = JsonNode.Parse(file);
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw new InvalidDataException("No JSON: the parser, which is not ours, refuses it.", exception);
        }

        DqnOptions.FromJson(json);
    }

    // As the runtime reads lines.
    private static void ReadHistory(byte[] file)
    {
        List<string> lines = [];
        using var reader = new StreamReader(new MemoryStream(file));
        while (reader.ReadLine() is { } line)
            lines.Add(line);
        RunHistory history = RunHistory.Parse([.. lines], "history.csv");
        foreach (string column in history.Columns)
            history.Series(column);
    }

    // And what is asked first of it.
    private static void ReadSpec(byte[] file) =>
        _ = PolicyMetadata.Spec(Metadata(PolicyMetadata.SpecKey, file))!.FrameBytes;

    private static void ReadPipeline(byte[] file)
    {
        JsonObject description = PolicyMetadata.Environment(Metadata(PolicyMetadata.EnvironmentKey, file))!;
        using IEnvironment environment = EnvironmentPipeline.Rebuild(description, new CartPoleEnvironment());
    }

    // Every wrapper that is for numbers.
    private static JsonObject Pipeline(IEnvironment environment)
    {
        using IEnvironment wrapped = new NoOpStart(
            new FrameSkip(
                new RewardTimeout(
                    new StickyActions(new Normalize(environment, new Normalization([0, 0, 0, 0], [1, 1, 1, 1])), 0.25), 50,
                    terminates: false),
                2), 3, 0);
        return wrapped.Describe();
    }

    private static ImmutableDictionary<string, string> Metadata(string key, byte[] text) =>
        ImmutableDictionary<string, string>.Empty.Add(key, Encoding.UTF8.GetString(text));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
