using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dqn.Identity;
using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>How <see cref="PqnOptions"/> are written and read.</summary>
[JsonSerializable(typeof(PqnOptions))]
[JsonSerializable(typeof(AdamOptions))]
[JsonSerializable(typeof(RAdamOptions))]
[JsonSerializable(typeof(RmsPropOptions))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class PqnOptionsJson : JsonSerializerContext
{
    /// <summary>The options' type, with the library's settings.</summary>
    public static JsonTypeInfo<PqnOptions> Type { get; } =
        (JsonTypeInfo<PqnOptions>)OptionsJson.Settings(new PqnOptionsJson()).GetTypeInfo(typeof(PqnOptions));
}
