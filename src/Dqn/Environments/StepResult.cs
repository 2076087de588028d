namespace Dqn.Environments;

/// <summary>What one step of an environment gave.</summary>
/// <param name="Reward">The reward of this step.</param>
/// <param name="Terminated">
/// The task ended here: no reward can follow, so nothing is bootstrapped from the next state.
/// </param>
/// <param name="Truncated">
/// The episode was cut off here by a limit outside the task: the next state still has a value.
/// </param>
public readonly record struct StepResult(double Reward, bool Terminated, bool Truncated)
{
    /// <summary>The episode is over, for either reason; <see cref="IEnvironment.Reset"/> comes next.</summary>
    public bool Ended => Terminated || Truncated;
}
