using Dqn.Agents;

namespace Dqn.Training;

/// <summary>What happened in one agent step.</summary>
/// <param name="Number">Which it was, counted from 1 over the whole training, resumed runs included.</param>
/// <param name="Action">The action taken.</param>
/// <param name="Reward">What it gave, over all the frames that the environment repeated it for.</param>
/// <param name="Terminated">The task ended here.</param>
/// <param name="Truncated">The episode was cut off here.</param>
/// <param name="Learned">What the update found; null where there was none.</param>
/// <param name="Episode">The episode that ended with this step; null where it goes on.</param>
/// <param name="Environment">Whose step it was, of several environments: 0 … N − 1.</param>
public readonly record struct TrainingStep(
    long Number, int Action, double Reward, bool Terminated, bool Truncated, LearnResult? Learned,
    EpisodeSummary? Episode, int Environment);
