namespace Dqn.Networks;

/// <summary>What one update of a network found, before it changed the parameters.</summary>
/// <param name="Loss">The mean weighted loss over the batch.</param>
/// <param name="MeanValue">The mean over the batch of the value of the action taken.</param>
/// <param name="GradientNorm">
/// The gradient's L2 norm over all parameters before clipping; null where it was not computed, as
/// without <see cref="QNetworkOptions.MaxGradientNorm"/>.
/// </param>
public readonly record struct FitResult(float Loss, float MeanValue, float? GradientNorm);
