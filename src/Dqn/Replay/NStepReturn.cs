namespace Dqn.Replay;

/// <summary>
/// What a transition's next n steps gave, or fewer where the episode was over or goes no further yet. Source: R. Sutton,
/// "Learning to predict by the methods of temporal differences" (1988).
/// </summary>
/// <param name="Steps">m, how many steps were taken: 1 … n.</param>
/// <param name="Reward">r₁ + γ r₂ + … + γᵐ⁻¹ rₘ.</param>
/// <param name="Discount">γᵐ, what the value of the observation m steps on counts; 0 if the task terminated.</param>
/// <param name="Terminated">The task terminated within these steps.</param>
internal readonly record struct NStepReturn(int Steps, float Reward, float Discount, bool Terminated);
