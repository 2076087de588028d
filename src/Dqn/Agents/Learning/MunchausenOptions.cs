namespace Dqn.Agents;

/// <summary>
/// How <see cref="Munchausen"/> changes rewards and values. The defaults are the paper's. Source: N. Vieillard, O.
/// Pietquin, M. Geist, "Munchausen reinforcement learning" (2020).
/// </summary>
/// <example><code>
/// var options = new DqnOptions { Munchausen = new MunchausenOptions { Scale = 0.9 } };
/// </code></example>
public sealed record MunchausenOptions
{
    /// <summary>α, what the logarithm of the policy counts in the reward, 0 … 1. Default 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Scale
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(Scale), value, "0 … 1");
    } = 0.9;

    /// <summary>
    /// τ, above 0: the policy is the softmax of the action values divided by τ. In the units of the scaled rewards
    /// (<see cref="DqnOptions.RewardScale"/>). Default 0.03, for rewards clipped to ± 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and finite.</exception>
    public double Temperature
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value
            : throw OutOfRange(nameof(Temperature), value, "above 0 and finite");
    } = 0.03;

    /// <summary>l₀, below 0: τ · log π counts no less than this. Default −1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not below 0 and finite.</exception>
    public double LogPolicyFloor
    {
        get;
        init => field = value < 0 && double.IsFinite(value) ? value
            : throw OutOfRange(nameof(LogPolicyFloor), value, "below 0 and finite");
    } = -1;

    private static ArgumentOutOfRangeException OutOfRange(string property, double value, string expected) =>
        new(property, value, $"{nameof(MunchausenOptions)}.{property}: expected {expected}.");
}
