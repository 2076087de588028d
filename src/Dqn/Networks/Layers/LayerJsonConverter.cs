using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Dqn.Networks;

/// <summary>
/// Layers as JSON: an object of the layer's kind, under <c>layer</c>, its name and its numbers:
/// <c>{"layer": "Linear", "name": "fc1", "features": 512}</c>. What is as usual, a bias and no
/// padding, is left out. A <see cref="CustomLayer"/> says itself what it is.
/// </summary>
public sealed partial class LayerJsonConverter : JsonConverter<Layer>
{
    private const string KindKey = "layer", BiasKey = "bias";

    private static readonly Dictionary<string, JsonTypeInfo> s_kinds = new(StringComparer.Ordinal)
    {
        [nameof(Conv2d)] = LayerJson.Default.Conv2d,
        [nameof(Linear)] = LayerJson.Default.Linear,
        [nameof(NoisyLinear)] = LayerJson.Default.NoisyLinear,
        [nameof(QuantileEmbedding)] = LayerJson.Default.QuantileEmbedding,
        [nameof(LayerNorm)] = LayerJson.Default.LayerNorm,
        [nameof(Relu)] = LayerJson.Default.Relu,
        [nameof(Flatten)] = LayerJson.Default.Flatten,
        [nameof(MaxPool2d)] = LayerJson.Default.MaxPool2d,
        [nameof(AvgPool2d)] = LayerJson.Default.AvgPool2d,
        [nameof(AdaptiveMaxPool2d)] = LayerJson.Default.AdaptiveMaxPool2d,
        [nameof(AdaptiveAvgPool2d)] = LayerJson.Default.AdaptiveAvgPool2d,
        [nameof(Residual)] = LayerJson.Default.Residual,
        [nameof(Dueling)] = LayerJson.Default.Dueling,
    };

    /// <summary>The library's kinds of layers.</summary>
    internal static IEnumerable<Type> Types => s_kinds.Values.Select(type => type.Type);

    /// <summary>Their names.</summary>
    internal static IReadOnlyCollection<string> Kinds => s_kinds.Keys;

    /// <inheritdoc/>
    public override Layer? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonNode.Parse(ref reader) is not JsonObject description)
            throw new JsonException("Expected a layer to be an object.");
        if (description[KindKey] is not JsonValue value || !value.TryGetValue(out string? kind))
            throw new JsonException($"Expected a layer's kind under '{KindKey}', got {description.ToJsonString()}.");
        description.Remove(KindKey);
        if (s_kinds.TryGetValue(kind, out JsonTypeInfo? type))
            return (Layer?)description.Deserialize(type);
        return CustomLayerKinds.Read(kind, description) ?? throw new JsonException(
            $"Unknown layer '{kind}': expected {string.Join(", ", s_kinds.Keys.Concat(CustomLayerKinds.Names))}. A layer of " +
            $"your own becomes known by {nameof(CustomLayer)}.{nameof(CustomLayer.Register)}(\"{kind}\", …) before the file is read.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Layer value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        (value is CustomLayer own ? Describe(own) : Describe(value)).WriteTo(writer);
    }

    private static JsonObject Describe(Layer layer)
    {
        string kind = layer.GetType().Name;
        JsonObject description = JsonSerializer.SerializeToNode(layer, s_kinds[kind])!.AsObject();
        description.Insert(0, KindKey, kind);
        if (description[BiasKey] is { } bias && bias.GetValue<bool>())
            description.Remove(BiasKey);
        return description;
    }

    private static JsonObject Describe(CustomLayer layer)
    {
        CustomLayerKinds.RequireOwnKind(layer.Kind);
        JsonObject description = layer.Describe().DeepClone().AsObject();
        if (description.ContainsKey(KindKey))
        {
            throw new ArgumentException(
                $"Layer '{layer.Kind}': expected a description without '{KindKey}', which is for the kind.", nameof(layer));
        }

        description.Insert(0, KindKey, layer.Kind);
        return description;
    }

    // Made when compiling, so that it works without reflection.
    [JsonSerializable(typeof(Conv2d))]
    [JsonSerializable(typeof(Linear))]
    [JsonSerializable(typeof(NoisyLinear))]
    [JsonSerializable(typeof(QuantileEmbedding))]
    [JsonSerializable(typeof(LayerNorm))]
    [JsonSerializable(typeof(Relu))]
    [JsonSerializable(typeof(Flatten))]
    [JsonSerializable(typeof(MaxPool2d))]
    [JsonSerializable(typeof(AvgPool2d))]
    [JsonSerializable(typeof(AdaptiveMaxPool2d))]
    [JsonSerializable(typeof(AdaptiveAvgPool2d))]
    [JsonSerializable(typeof(Residual))]
    [JsonSerializable(typeof(Dueling))]
    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    private sealed partial class LayerJson : JsonSerializerContext;
}
