using System.Text.Json.Nodes;

namespace Dqn.Samples.CarRacing;

/// <summary>
/// What the command line says of a training. What it changed of the preset, the preset has already; Changes says it again
/// as it was typed.
/// </summary>
internal sealed record TrainSettings(
    Preset Preset, string Changes, string? Name, string Runs, bool Resume, ulong Seed, double? Minutes,
    int EpisodeFrames, bool TensorBoard, FileInfo? Log, Engine Engine)
{
    /// <summary>What options.json should say beside the options of the agent, the network and the environments.</summary>
    public JsonObject Describe() => new() { ["preset"] = Preset.Name };
}
