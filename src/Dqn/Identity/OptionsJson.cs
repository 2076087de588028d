using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Dqn.Files;

namespace Dqn.Identity;

/// <summary>
/// Records of options to JSON and back: every property by its name, so that a new option is named in one place alone. Numbers
/// and texts are the same in every culture.
/// </summary>
public static class OptionsJson
{
    /// <summary>The name of the property that tells records of one base apart.</summary>
    internal const string Kind = "kind";

    /// <summary>All properties of <paramref name="options"/>.</summary>
    /// <param name="options">The record.</param>
    /// <param name="type">How it is written, from a source-generated context made with <see cref="Settings"/>.</param>
    public static JsonObject Write<T>(T options, JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.SerializeToNode(options, type)!.AsObject();

    /// <summary>
    /// The options that <paramref name="json"/> holds. What it leaves out is as in <paramref name="defaults"/>; a name that
    /// there is not is an error, and so is a value out of its range.
    /// </summary>
    /// <param name="json">Some or all properties.</param>
    /// <param name="defaults">For what is left out.</param>
    /// <param name="type">How it is read, from a source-generated context made with <see cref="Settings"/>.</param>
    /// <param name="templates">
    /// What to fill up with where the defaults have nothing: by the property's name, or by the <c>kind</c> of a record of
    /// another kind than the default's. Null for nothing.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The JSON is not such a record: the message says where, what was expected and what came.
    /// </exception>
    public static T Read<T>(
        JsonNode? json, T defaults, JsonTypeInfo<T> type, IReadOnlyDictionary<string, JsonObject>? templates = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(type);
        if (json is not JsonObject given)
        {
            throw new InvalidDataException(
                $"{typeof(T).Name}: expected a JSON object, got {json?.ToJsonString() ?? "null"}.");
        }

        try
        {
            JsonObject whole = Write(defaults, type);
            Merge(whole, given, templates ?? new Dictionary<string, JsonObject>());
            return whole.Deserialize(type)!;
        }
        catch (Exception exception) when (FileBoundary.IsAboutContent(exception))
        {
            throw new InvalidDataException($"{typeof(T).Name}: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Serializer settings for a context's types: names in camel case, enumerations by name, infinities by name, unknown
    /// and missing properties refused.
    /// </summary>
    /// <param name="context">A source-generated context, for its types.</param>
    public static JsonSerializerOptions Settings(IJsonTypeInfoResolver context)
    {
        JsonSerializerOptions settings = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
            UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
            AllowOutOfOrderMetadataProperties = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = context.WithAddedModifier(RequireAll),
        };
        settings.MakeReadOnly();
        return settings;
    }

    // What is missing would else become 0 in silence: an init property's own default is not known to the serializer.
    private static void RequireAll(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (JsonPropertyInfo property in type.Properties)
            property.IsRequired = property.Set is not null;
    }

    private static void Merge(JsonObject whole, JsonObject given, IReadOnlyDictionary<string, JsonObject> templates)
    {
        foreach ((string name, JsonNode? value) in given)
        {
            if (value is not JsonObject part)
            {
                whole[name] = value?.DeepClone();
                continue;
            }

            JsonObject? filled = whole[name] as JsonObject;
            if (part[Kind] is JsonValue kind && filled?[Kind]?.ToJsonString() != kind.ToJsonString())
                filled = Template(kind.GetValue<string>());
            filled ??= Template(name) ?? [];
            Merge(filled, part, templates);
            if (filled.Parent is null)
                whole[name] = filled;
        }

        JsonObject? Template(string key) =>
            templates.TryGetValue(key, out JsonObject? template) ? template.DeepClone().AsObject() : null;
    }
}
