namespace Dqn.Values;

/// <summary>What a value's distance from its target costs; averaged over the batch.</summary>
public enum Loss
{
    /// <summary>(value − target)²: <c>F.mse_loss</c>, the notebook's.</summary>
    MeanSquared,

    /// <summary>½ d² where |d| &lt; 1, else |d| − ½: <c>F.smooth_l1_loss</c> with beta 1.</summary>
    SmoothL1,
}
