namespace Dqn.Training;

/// <summary>
/// Is told what a training run does, by the thread that trains and between two steps: what it does takes training's time,
/// and what it throws ends the run. Added by <see cref="TrainingRun.AddListener"/>.
/// </summary>
public interface ITrainingListener
{
    /// <summary>After each agent step, and after a checkpoint that was asked for between two steps.</summary>
    void Stepped(in TrainingEvent happened);

    /// <summary>At the beginning of an evaluation and after each of its episodes. Nothing unless implemented.</summary>
    void Evaluating(EvaluationProgress progress)
    {
    }

    /// <summary>
    /// Training is over: its steps are done, it was stopped or cancelled, it failed, or nobody asked for the next step.
    /// Nothing unless implemented.
    /// </summary>
    void Ended()
    {
    }
}
