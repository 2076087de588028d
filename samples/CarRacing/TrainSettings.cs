using Dqn.Agents;

namespace Dqn.Samples.CarRacing;

/// <summary>What the command line says of a training.</summary>
internal sealed record TrainSettings(
    string? Name, string Runs, bool Resume, long Steps, ulong Seed, long EvaluationInterval, int EvaluationEpisodes,
    long CheckpointInterval, int EpisodeFrames, bool TensorBoard, DqnOptions Agent);
