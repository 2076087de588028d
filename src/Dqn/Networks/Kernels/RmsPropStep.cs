namespace Dqn.Networks;

/// <summary>
/// The numbers of one RMSProp step; <see cref="GradientScale"/> is what clipping multiplies gradients with.
/// </summary>
internal readonly record struct RmsPropStep(
    float LearningRate, float Alpha, float OneMinusAlpha, float Epsilon, float Momentum, float GradientScale);
