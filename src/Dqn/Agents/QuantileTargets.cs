namespace Dqn.Agents;

/// <summary>
/// The learning rule of <see cref="Networks.QuantileDistribution"/>. Source: W. Dabney, M. Rowland, M. Bellemare,
/// R. Munos, "Distributional reinforcement learning with quantile regression" (2018), algorithm 1.
/// </summary>
public static class QuantileTargets
{
    /// <summary>The target: each quantile θ₁ becomes r₁ + discount₁ · θ₁.</summary>
    /// <param name="rewards">r₁, [batch].</param>
    /// <param name="discounts">discount₁, [batch]; 0 where s₁ has no future: θ₁ then does not count, not even NaN.</param>
    /// <param name="nextQuantiles">θ₁, [batch, atoms], of the action that counts at s₁.</param>
    /// <param name="targets">Destination, [batch, atoms].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Shift(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> discounts, ReadOnlySpan<float> nextQuantiles,
        Span<float> targets)
    {
        DistributionTargets.RequireLength(rewards.Length, discounts.Length, nameof(discounts));
        DistributionTargets.RequireLength(targets.Length, nextQuantiles.Length, nameof(nextQuantiles));
        int atoms = DistributionTargets.RequireAtoms(targets.Length, rewards.Length, nameof(targets));
        for (int i = 0; i < targets.Length; i++)
        {
            (float reward, float discount) = (rewards[i / atoms], discounts[i / atoms]);
            targets[i] = discount == 0 ? reward : reward + discount * nextQuantiles[i];
        }
    }
}
