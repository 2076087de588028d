namespace Dqn.Environments;

/// <summary>
/// What a <see cref="VectorEnvironment"/> does where an episode ends: Gymnasium 1.x's <c>AutoresetMode</c>. Whoever
/// learns from the steps has to know it, since it decides which observation follows a step.
/// </summary>
public enum AutoresetMode
{
    /// <summary>
    /// The observation after the last step is the episode's last one. The environment's next step begins a new episode
    /// instead of acting: its action is ignored, its reward is 0, it does not end, and the observation after it is the
    /// new episode's first one. That step is no transition: whoever stores transitions leaves it out. Gymnasium's
    /// default.
    /// </summary>
    NextStep = 0,

    /// <summary>
    /// The new episode begins within the last step: that step's reward and flags are the old episode's, the observation
    /// after it is the new one's first. The old one's last observation is
    /// <see cref="VectorEnvironment.FinalObservation"/> until the next step or reset. Every step is a transition.
    /// </summary>
    SameStep = 1,

    /// <summary>
    /// Nothing: the observation after the last step is the episode's last one, and the caller resets the environment,
    /// <see cref="VectorEnvironment.Reset(ReadOnlySpan{bool}, ulong?)"/>, before the next step, which is refused else.
    /// </summary>
    Disabled = 2,
}
