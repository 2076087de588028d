using Dqn.CarRacing.Presets;

namespace Dqn.Samples.CarRacing;

/// <summary>
/// What the command line says of a training. What it changed of the preset, the preset has already; Changes says it again
/// as it was typed.
/// </summary>
internal sealed record TrainSettings(
    CarRacingPreset Preset, string Changes, string? Name, string Runs, bool Resume, ulong Seed, double? Minutes, bool TensorBoard,
    int? Dashboard, FileInfo? Log, Engine Engine);
