using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Dqn.Files;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// An architecture as JSON, for weights files and options.json: <c>{"observation": [4, 84, 84], "pixels": true,
/// "layers": [{"layer": "Conv2d", "name": "conv1", "filters": 32, "kernelSize": 8, "stride": 4}, …]}</c>.
/// </summary>
internal static partial class ArchitectureText
{
    // More than hundreds of layers need.
    private const int MaxLength = 1 << 16;

    // Layers in layers, two levels each: a text is parsed again at each.
    private const int MaxDepth = 16;

    public static JsonNode Describe(Sequential architecture) => JsonSerializer.SerializeToNode(
        new Description(
            architecture.ObservationShape, architecture.Pixels, architecture.Layers,
            architecture.Distribution is SingleValue ? null : architecture.Distribution),
        Json.Default.Description)!;

    /// <exception cref="ArgumentException">The text would be too long to be read again.</exception>
    public static string Format(Sequential architecture) =>
        Describe(architecture).ToJsonString() is { Length: <= MaxLength } text
            ? text
            : throw new ArgumentException(
                $"Expected an architecture of at most {MaxLength} characters as JSON: fewer layers or shorter names.");

    /// <summary>At most what parsing a text allocates, bytes.</summary>
    public static long MemoryOf(string text) => 512L * text.Length;

    /// <exception cref="InvalidDataException">The text describes no architecture: the message says why.</exception>
    public static Sequential Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new InvalidDataException(
                $"Expected a network's architecture of at most {MaxLength} characters, got {text.Length}.");
        }

        try
        {
            Description? description = JsonSerializer.Deserialize(text, Json.Default.Description);
            return new Sequential(
                description?.Observation ?? default, description?.Pixels ?? false, description?.Layers ?? default,
                description?.Distribution);
        }
        catch (Exception exception) when (FileBoundary.IsAboutContent(exception))
        {
            throw new InvalidDataException(
                $"Expected a network's architecture: {FileText.Plain(exception.Message)}", exception);
        }
    }

    // Without a distribution: single values.
    internal sealed record Description(
        ImmutableArray<int> Observation, bool Pixels, ImmutableArray<Layer> Layers, ValueDistribution? Distribution);

    // Made when compiling, so that it works without reflection.
    [JsonSerializable(typeof(Description))]
    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = MaxDepth,
        AllowOutOfOrderMetadataProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    private sealed partial class Json : JsonSerializerContext;
}
