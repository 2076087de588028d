namespace Dqn.Agents;

/// <summary>
/// Munchausen's two rules as pure functions, beside those of <see cref="TemporalDifference"/>: the target is
/// r₁ + α · [τ log π₀(a₀)] clipped to l₀ … 0 + discount₁ · Σₐ π₁(a) · (q₁(a) − τ log π₁(a)), with
/// π = softmax(q / τ) of the target network. The last sum is τ log Σₐ exp(q₁(a) / τ); of quantiles it is the same, each
/// quantile z₁(a) in place of q₁(a). Source: N. Vieillard, O.
/// Pietquin, M. Geist, "Munchausen reinforcement learning" (2020).
/// </summary>
public static class Munchausen
{
    /// <summary>v₁ = τ log Σₐ exp(q₁(a) / τ), the soft maximum.</summary>
    /// <param name="actionValues">q₁ of the target network, [batch, actions].</param>
    /// <param name="temperature">τ, above 0.</param>
    /// <param name="nextValues">Destination, [batch]; 0 where no action is legal.</param>
    /// <param name="legalActions">At s₁, [batch, actions]: the policy takes no other. Empty: all are legal.</param>
    /// <exception cref="ArgumentException">
    /// The action values are not a whole number of actions for each item.
    /// </exception>
    public static void SoftValues(
        ReadOnlySpan<float> actionValues, float temperature, Span<float> nextValues,
        ReadOnlySpan<bool> legalActions = default)
    {
        int actions = TemporalDifference.RequireActions(actionValues.Length, nextValues.Length, nameof(actionValues));
        TemporalDifference.RequireMasks(actionValues.Length, legalActions);
        for (int i = 0; i < nextValues.Length; i++)
        {
            ReadOnlySpan<bool> legal = LegalActions.Of(legalActions, i, actions);
            nextValues[i] = legal.IsEmpty || legal.Contains(true)
                ? SoftMaximum(actionValues.Slice(i * actions, actions), temperature, legal)
                : 0; // The task has ended: this does not count.
        }
    }

    /// <summary>z₁ = Σₐ π₁(a) · (z₁(a) − τ log π₁(a)), quantile by quantile, with π₁ = softmax(q₁ / τ).</summary>
    /// <param name="actionValues">q₁ of the target network, [batch, actions].</param>
    /// <param name="distributions">z₁ of the target network, [batch, actions, atoms]: quantiles.</param>
    /// <param name="actions">How many actions there are, at least 1.</param>
    /// <param name="temperature">τ, above 0.</param>
    /// <param name="nextDistributions">Destination, [batch, atoms]; zeros where no action is legal.</param>
    /// <param name="legalActions">At s₁, [batch, actions]: the policy takes no other. Empty: all are legal.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void SoftDistributions(
        ReadOnlySpan<float> actionValues, ReadOnlySpan<float> distributions, int actions, float temperature,
        Span<float> nextDistributions, ReadOnlySpan<bool> legalActions = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 1);
        int batch = TemporalDifference.RequireWhole(actionValues.Length, actions, nameof(actionValues));
        int atoms = TemporalDifference.RequireWhole(nextDistributions.Length, batch, nameof(nextDistributions));
        TemporalDifference.RequireLength(actionValues.Length * atoms, distributions.Length, nameof(distributions));
        TemporalDifference.RequireMasks(actionValues.Length, legalActions);
        nextDistributions.Clear();
        for (int i = 0; i < batch; i++)
        {
            ReadOnlySpan<float> values = actionValues.Slice(i * actions, actions);
            ReadOnlySpan<bool> legal = LegalActions.Of(legalActions, i, actions);
            if (!legal.IsEmpty && !legal.Contains(true))
                continue; // The task has ended: this does not count.
            Span<float> next = nextDistributions.Slice(i * atoms, atoms);
            float soft = SoftMaximum(values, temperature, legal);
            for (int action = 0; action < actions; action++)
            {
                if (!legal.IsEmpty && !legal[action])
                    continue;
                float logPolicy = values[action] - soft, policy = MathF.Exp(logPolicy / temperature); // τ log π, π
                ReadOnlySpan<float> quantiles = distributions.Slice((i * actions + action) * atoms, atoms);
                for (int atom = 0; atom < atoms; atom++)
                    next[atom] += policy * (quantiles[atom] - logPolicy);
            }
        }
    }

    /// <summary>
    /// Adds α · clip(τ log π₀(a₀), l₀, 0) to r₁: taking an action that the policy takes costs little.
    /// </summary>
    /// <param name="actionValues">q₀ of the target network, [batch, actions].</param>
    /// <param name="taken">a₀, [batch].</param>
    /// <param name="options">α, τ and l₀.</param>
    /// <param name="rewards">r₁, [batch]: changed.</param>
    /// <param name="legalActions">At s₀, [batch, actions]: the policy takes no other. Empty: all are legal.</param>
    /// <exception cref="ArgumentException">
    /// The action values are not a whole number of actions for each item, or the lengths differ.
    /// </exception>
    public static void AddLogPolicy(
        ReadOnlySpan<float> actionValues, ReadOnlySpan<int> taken, MunchausenOptions options, Span<float> rewards,
        ReadOnlySpan<bool> legalActions = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        int actions = TemporalDifference.RequireActions(actionValues.Length, rewards.Length, nameof(actionValues));
        TemporalDifference.RequireLength(rewards.Length, taken.Length, nameof(taken));
        TemporalDifference.RequireMasks(actionValues.Length, legalActions);
        var (scale, temperature, floor) =
            ((float)options.Scale, (float)options.Temperature, (float)options.LogPolicyFloor);
        for (int i = 0; i < rewards.Length; i++)
        {
            ReadOnlySpan<float> values = actionValues.Slice(i * actions, actions);
            ReadOnlySpan<bool> legal = LegalActions.Of(legalActions, i, actions);
            float logPolicy = values[taken[i]] - SoftMaximum(values, temperature, legal); // τ log π
            rewards[i] += scale * Math.Clamp(logPolicy, floor, 0);
        }
    }

    // The largest value stands apart, so that no exponential overflows.
    private static float SoftMaximum(ReadOnlySpan<float> values, float temperature, ReadOnlySpan<bool> legalActions)
    {
        float largest = values[TemporalDifference.GreedyAction(values, legalActions)], sum = 0;
        for (int action = 0; action < values.Length; action++)
            if (legalActions.IsEmpty || legalActions[action])
                sum += MathF.Exp((values[action] - largest) / temperature);
        return largest + temperature * MathF.Log(sum);
    }
}
