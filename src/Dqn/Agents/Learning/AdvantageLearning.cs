namespace Dqn.Agents;

/// <summary>
/// Advantage learning's rule as a pure function, beside those of <see cref="TemporalDifference"/>: the target is
/// lowered by α · (maxₐ q₀(a) − q₀(a₀)) of the target network. The best action keeps its value; others come to lie
/// 1 / (1 − α) times as far below it, so that small errors less often choose another one, which matters where a single
/// short action changes little. Source: L. Baird, "Reinforcement learning through gradient descent" (1999), as in M.
/// Bellemare et al., "Increasing the action gap: new operators for reinforcement learning" (2016).
/// </summary>
public static class AdvantageLearning
{
    /// <summary>Adds α · (q₀(a₀) − maxₐ q₀(a)), which is at most 0, to r₁.</summary>
    /// <param name="actionValues">q₀ of the target network, [batch, actions].</param>
    /// <param name="taken">a₀, [batch].</param>
    /// <param name="scale">α, 0 … below 1.</param>
    /// <param name="rewards">r₁, [batch]: changed.</param>
    /// <param name="legalActions">At s₀, [batch, actions]: the best one is of these. Empty: all are legal.</param>
    /// <exception cref="ArgumentException">
    /// The action values are not a whole number of actions for each item, or the lengths differ.
    /// </exception>
    public static void AddAdvantages(
        ReadOnlySpan<float> actionValues, ReadOnlySpan<int> taken, float scale, Span<float> rewards,
        ReadOnlySpan<bool> legalActions = default)
    {
        int actions = TemporalDifference.RequireActions(actionValues.Length, rewards.Length, nameof(actionValues));
        TemporalDifference.RequireLength(rewards.Length, taken.Length, nameof(taken));
        TemporalDifference.RequireMasks(actionValues.Length, legalActions);
        for (int i = 0; i < rewards.Length; i++)
        {
            ReadOnlySpan<float> values = actionValues.Slice(i * actions, actions);
            int best = TemporalDifference.GreedyAction(values, LegalActions.Of(legalActions, i, actions));
            rewards[i] += scale * (values[taken[i]] - values[best]);
        }
    }
}
