using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Dqn.CarRacing;

/// <summary>How a table of actions is written in options.</summary>
internal sealed class CarActionsJson : JsonConverter<CarActions>
{
    /// <inheritdoc/>
    public override CarActions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return CarActions.FromJson(JsonNode.Parse(ref reader));
        }
        catch (InvalidDataException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CarActions value, JsonSerializerOptions options) =>
        value.ToJson().WriteTo(writer);
}
