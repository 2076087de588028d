using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dqn.Identity;

namespace Dqn.CarRacing.Presets;

/// <summary>How presets are written and read.</summary>
[JsonSerializable(typeof(CarRacingPreset))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class CarRacingPresetJson : JsonSerializerContext
{
    /// <summary>The preset's type, with the library's settings.</summary>
    public static JsonTypeInfo<CarRacingPreset> Type { get; } =
        (JsonTypeInfo<CarRacingPreset>)OptionsJson.Settings(new CarRacingPresetJson()).GetTypeInfo(typeof(CarRacingPreset));
}
