using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Identity;

namespace Dqn.Agents;

/// <summary>
/// What a model file's metadata say beside the network's architecture, so that the file alone is enough to act: the
/// observations and actions as <c>spec</c>, and the environment with its wrappers as <c>environment</c>.
/// </summary>
public static class PolicyMetadata
{
    /// <summary>The key of the <see cref="EnvironmentSpec"/>.</summary>
    public const string SpecKey = "spec";

    /// <summary>The key of what <see cref="IEnvironment.Describe"/> gave.</summary>
    public const string EnvironmentKey = "environment";

    /// <summary>The metadata for a network that acts in an environment.</summary>
    /// <param name="spec">Its observations and actions.</param>
    /// <param name="environment">Its description, or null.</param>
    public static ImmutableDictionary<string, string> Of(EnvironmentSpec spec, JsonObject? environment)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ImmutableDictionary<string, string> metadata =
            ImmutableDictionary<string, string>.Empty.Add(SpecKey, spec.Describe().ToJsonString());
        return environment is null ? metadata : metadata.Add(EnvironmentKey, environment.ToJsonString());
    }

    /// <summary>The observations and actions; null where the metadata do not say them.</summary>
    /// <exception cref="InvalidDataException">They say something else under that key.</exception>
    public static EnvironmentSpec? Spec(IReadOnlyDictionary<string, string> metadata) =>
        Read(metadata, SpecKey) is { } spec ? EnvironmentDescription.ReadSpec(spec) : null;

    /// <summary>The environment's description; null where the metadata do not say it.</summary>
    /// <exception cref="InvalidDataException">They say something else under that key.</exception>
    public static JsonObject? Environment(IReadOnlyDictionary<string, string> metadata) => Read(metadata, EnvironmentKey);

    private static JsonObject? Read(IReadOnlyDictionary<string, string> metadata, string key)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (!metadata.TryGetValue(key, out string? text))
            return null;
        return StrictJson.Parse(text, $"a JSON object as metadata '{key}'") as JsonObject
            ?? throw new InvalidDataException($"Expected a JSON object as metadata '{key}'.");
    }
}
