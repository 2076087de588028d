namespace Dqn.Training;

/// <summary>What a training run did in one agent step and after it.</summary>
/// <param name="Step">
/// The agent step. Its number is 0 where a resumed run makes up for an interrupted evaluation first.
/// </param>
/// <param name="Evaluation">The evaluation made after it; null where there was none.</param>
/// <param name="IsBest">The evaluation was the best so far, and its weights have been kept.</param>
/// <param name="CheckpointSaved">A checkpoint was saved.</param>
public readonly record struct TrainingEvent(
    TrainingStep Step, EvaluationResult? Evaluation, bool IsBest, bool CheckpointSaved);
