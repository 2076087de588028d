using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dqn.Networks;

/// <summary>
/// The layers of the user's own that this process can read. One list for all: files are read in many places, whose
/// callers know nothing of layers.
/// </summary>
internal static class CustomLayerKinds
{
    private static readonly ConcurrentDictionary<string, (Type Type, Func<JsonObject, CustomLayer> Read)> s_kinds =
        new(StringComparer.Ordinal);

    public static IEnumerable<string> Names => s_kinds.Keys.Order(StringComparer.Ordinal);

    public static void Add(string kind, Type type, Func<JsonObject, CustomLayer> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        RequireOwnKind(kind);
        (Type Type, Func<JsonObject, CustomLayer> Read) added = s_kinds.AddOrUpdate(
            kind, (type, read), (_, known) => known.Type == type ? (type, read) : known);
        if (added.Type != type)
        {
            throw new ArgumentException(
                $"Expected a kind of its own for {type.Name}: '{kind}' is {added.Type.Name}.", nameof(kind));
        }
    }

    /// <summary>Throws where the kind is empty or a library layer's.</summary>
    public static void RequireOwnKind(string kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        if (LayerJsonConverter.Kinds.Contains(kind))
            throw new ArgumentException($"Expected a kind of its own for a layer, got the library's '{kind}'.", nameof(kind));
    }

    /// <summary>The layer that the JSON describes; null where the kind is not registered.</summary>
    /// <exception cref="JsonException">The registered function does not read it.</exception>
    public static CustomLayer? Read(string kind, JsonObject description)
    {
        if (!s_kinds.TryGetValue(kind, out (Type Type, Func<JsonObject, CustomLayer> Read) known))
            return null;
        CustomLayer layer;
        try
        {
            layer = known.Read(description);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new JsonException($"Layer '{kind}': {exception.Message}", exception);
        }

        return layer?.Kind == kind
            ? layer
            : throw new JsonException($"Expected a layer of the kind '{kind}', as registered, got {layer?.Kind ?? "null"}.");
    }
}
