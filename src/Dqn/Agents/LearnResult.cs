namespace Dqn.Agents;

/// <summary>What one update found in its batch, before it changed the parameters.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="MeanValue">The mean value of the actions taken.</param>
/// <param name="MeanAbsoluteTdError">The mean of |target − value|.</param>
/// <param name="GradientNorm">The gradient's L2 norm before clipping; NaN where it was not computed.</param>
public readonly record struct LearnResult(float Loss, float MeanValue, float MeanAbsoluteTdError, float GradientNorm);
