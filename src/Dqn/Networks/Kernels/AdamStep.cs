namespace Dqn.Networks;

/// <summary>
/// The numbers of one Adam step: step size lr / (1 − β₁ᵗ), 1 / √(1 − β₂ᵗ), what clipping multiplies with, and
/// 1 − lr · λ, what is kept of a parameter: 1 changes no bit.
/// </summary>
internal readonly record struct AdamStep(
    float StepSize, float Beta1, float OneMinusBeta1, float Beta2, float OneMinusBeta2, float InverseRoot,
    float Epsilon, float GradientScale, float Kept);
