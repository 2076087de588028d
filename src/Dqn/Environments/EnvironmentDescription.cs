using System.Text.Json.Nodes;
using Dqn.Files;

namespace Dqn.Environments;

/// <summary>
/// Environments as data: what <see cref="IEnvironment.Describe"/> gives, and what is made of it.
/// </summary>
public static class EnvironmentDescription
{
    /// <summary>The name of the property that holds a wrapped environment's description.</summary>
    internal const string Inner = "inner";

    private const string IllegalActions = "hasIllegalActions"; // Only where it is true: older files do not know it.

    /// <summary>
    /// What can be said of an environment that does not describe itself: its type's name as <c>kind</c>, and its
    /// <c>spec</c>. An environment with options adds them:
    /// <code>
    /// public JsonObject Describe()
    /// {
    ///     JsonObject description = EnvironmentDescription.Of(this);
    ///     description["gridSize"] = _gridSize;
    ///     return description;
    /// }
    /// </code>
    /// </summary>
    public static JsonObject Of(IEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new() { ["kind"] = environment.GetType().Name, ["spec"] = environment.Spec.Describe() };
    }

    /// <summary>An environment's spec as data.</summary>
    public static JsonObject Describe(this EnvironmentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        JsonObject description = new()
        {
            ["name"] = spec.Name,
            ["observationShape"] = new JsonArray([.. spec.ObservationShape.Select(axis => (JsonNode)axis)]),
            ["elementType"] = spec.ElementType.ToString(),
            ["layout"] = spec.Layout.ToString(),
            ["stackedFrames"] = spec.StackedFrames,
            ["actionCount"] = spec.ActionCount,
        };
        if (spec.HasIllegalActions)
            description[IllegalActions] = true;
        return description;
    }

    /// <summary>The spec that <see cref="Describe"/> wrote.</summary>
    /// <exception cref="InvalidDataException">
    /// Something is missing, unknown or out of its range: the message says what.
    /// </exception>
    public static EnvironmentSpec ReadSpec(JsonObject spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        try
        {
            var read = new EnvironmentSpec
            {
                Name = Value<string>("name"),
                ObservationShape = [.. spec["observationShape"]?.AsArray().Select(axis => axis!.GetValue<int>()) ?? []],
                ElementType = Named<ElementType>("elementType"),
                Layout = Named<ObservationLayout>("layout"),
                StackedFrames = Value<int>("stackedFrames"),
                ActionCount = Value<int>("actionCount"),
                HasIllegalActions = spec[IllegalActions]?.GetValue<bool>() ?? false,
            };
            _ = read.ObservationBytes; // an axis too many, and no array is as long
            return read;
        }
        catch (Exception exception) when (FileBoundary.IsAboutContent(exception))
        {
            throw new InvalidDataException($"Environment spec: {FileText.Plain(exception.Message)}", exception);
        }

        // By name alone: a number would be any value, and one too large no value at all.
        T Named<T>(string name)
            where T : struct, Enum => Enum.GetNames<T>().Contains(Value<string>(name))
            ? Enum.Parse<T>(Value<string>(name))
            : throw new FormatException($"expected one of {string.Join(", ", Enum.GetNames<T>())} as '{name}', got {Value<string>(name)}.");

        T Value<T>(string name) => spec[name] is JsonValue value
            ? value.GetValue<T>()
            : throw new FormatException($"expected a value as '{name}', got {spec[name]?.ToJsonString() ?? "none"}.");
    }
}
