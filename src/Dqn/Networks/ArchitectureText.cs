using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Dqn.Networks;

/// <summary>
/// An architecture as JSON, for weights files and options.json: <c>{"observation": [4, 84, 84], "pixels": true,
/// "layers": [{"layer": "Conv2d", "name": "conv1", "filters": 32, "kernelSize": 8, "stride": 4}, …]}</c>.
/// </summary>
internal static partial class ArchitectureText
{
    public static JsonNode Describe(Sequential architecture) => JsonSerializer.SerializeToNode(
        new Description(
            architecture.ObservationShape, architecture.Pixels, architecture.Layers, architecture.Distribution),
        Json.Default.Description)!;

    public static string Format(Sequential architecture) => Describe(architecture).ToJsonString();

    /// <exception cref="InvalidDataException">The text describes no architecture: the message says why.</exception>
    public static Sequential Parse(string text)
    {
        try
        {
            Description? description = JsonSerializer.Deserialize(text, Json.Default.Description);
            return new Sequential(
                description?.Observation ?? default, description?.Pixels ?? false, description?.Layers ?? default,
                description?.Distribution);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException
            or OverflowException)
        {
            throw new InvalidDataException($"Expected a network's architecture: {exception.Message}", exception);
        }
    }

    internal sealed record Description(
        ImmutableArray<int> Observation, bool Pixels, ImmutableArray<Layer> Layers, ValueDistribution? Distribution);

    // Made when compiling, so that it works without reflection.
    [JsonSerializable(typeof(Description))]
    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    private sealed partial class Json : JsonSerializerContext;
}
