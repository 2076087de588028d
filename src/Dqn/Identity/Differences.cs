using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Files;

namespace Dqn.Identity;

/// <summary>
/// Compares two descriptions of the same kind of thing (<see cref="Environments.IEnvironment.Describe"/>, a run's
/// <c>options.json</c>) and names where they differ.
/// </summary>
public static class Differences
{
    /// <summary>One line for each number, text or list that differs: <c>agent.batchSize was 32, is 64</c>.</summary>
    /// <param name="saved">What was written.</param>
    /// <param name="current">What is there now.</param>
    public static IEnumerable<string> Between(JsonNode? saved, JsonNode? current) => Between(saved, current, "");

    /// <summary>For a message: all differences, or the first few of many.</summary>
    internal static string Name(JsonNode? saved, JsonNode? current)
    {
        const int most = 8;
        string[] all = [.. Between(saved, current)];
        return string.Join("; ", all.Take(most).Select(FileText.Plain)) + (all.Length > most ? $"; and {all.Length - most} more" : "");
    }

    private static IEnumerable<string> Between(JsonNode? saved, JsonNode? current, string path)
    {
        if (saved is JsonObject savedObject && current is JsonObject currentObject)
        {
            // Of things of another kind, what they are made of says no more.
            const string kind = "kind";
            if (Text(savedObject[kind]) != Text(currentObject[kind]))
                return Between(savedObject[kind], currentObject[kind], Join(path, kind));
            return savedObject.Select(pair => pair.Key)
                .Union(currentObject.Select(pair => pair.Key))
                .SelectMany(name => Between(
                    savedObject[name], currentObject[name], PathOf(path, name, currentObject[name])));
        }

        string was = Text(saved), now = Text(current);
        return was == now ? [] : [$"{(path.Length == 0 ? "it" : path)} was {was}, is {now}"];
    }

    // As text: a number read back is another kind of node than one that was put in.
    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "absent";

    // What is wrapped is named by its kind, not by how deep it lies: environment[NoOpStart].steps.
    private static string PathOf(string path, string name, JsonNode? node) =>
        name == EnvironmentDescription.Inner && node is JsonObject inner && inner["kind"] is { } kind
            ? $"{path.Split('[')[0]}[{kind}]"
            : Join(path, name);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
