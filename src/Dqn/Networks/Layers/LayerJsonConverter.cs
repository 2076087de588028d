using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Dqn.Networks;

/// <summary>
/// Layers as JSON: an object of the layer's kind, under <c>layer</c>, its name and its numbers:
/// <c>{"layer": "Linear", "name": "fc1", "features": 512}</c>. A bias is mentioned where there is none.
/// </summary>
public sealed partial class LayerJsonConverter : JsonConverter<Layer>
{
    private const string KindKey = "layer", BiasKey = "bias";

    private static readonly Dictionary<string, JsonTypeInfo> s_kinds = new(StringComparer.Ordinal)
    {
        [nameof(Conv2d)] = LayerJson.Default.Conv2d,
        [nameof(Linear)] = LayerJson.Default.Linear,
        [nameof(NoisyLinear)] = LayerJson.Default.NoisyLinear,
        [nameof(LayerNorm)] = LayerJson.Default.LayerNorm,
        [nameof(Relu)] = LayerJson.Default.Relu,
        [nameof(Flatten)] = LayerJson.Default.Flatten,
        [nameof(Dueling)] = LayerJson.Default.Dueling,
    };

    /// <summary>The library's kinds of layers.</summary>
    internal static IEnumerable<Type> Types => s_kinds.Values.Select(type => type.Type);

    /// <inheritdoc/>
    public override Layer? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonNode.Parse(ref reader) is not JsonObject description)
            throw new JsonException("Expected a layer to be an object.");
        if (description[KindKey] is not JsonValue value || !value.TryGetValue(out string? kind))
            throw new JsonException($"Expected a layer's kind under '{KindKey}', got {description.ToJsonString()}.");
        description.Remove(KindKey);
        if (!s_kinds.TryGetValue(kind, out JsonTypeInfo? type))
            throw new JsonException($"Unknown layer '{kind}': expected {string.Join(", ", s_kinds.Keys)}.");
        return (Layer?)description.Deserialize(type);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Layer value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        string kind = value.GetType().Name;
        JsonObject description = JsonSerializer.SerializeToNode(value, s_kinds[kind])!.AsObject();
        description.Insert(0, KindKey, kind);
        if (description[BiasKey] is { } bias && bias.GetValue<bool>())
            description.Remove(BiasKey);
        description.WriteTo(writer);
    }

    // Made when compiling, so that it works without reflection.
    [JsonSerializable(typeof(Conv2d))]
    [JsonSerializable(typeof(Linear))]
    [JsonSerializable(typeof(NoisyLinear))]
    [JsonSerializable(typeof(LayerNorm))]
    [JsonSerializable(typeof(Relu))]
    [JsonSerializable(typeof(Flatten))]
    [JsonSerializable(typeof(Dueling))]
    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    private sealed partial class LayerJson : JsonSerializerContext;
}
