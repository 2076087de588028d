namespace Dqn.Agents;

/// <summary>
/// The learning rules as pure functions. Subscripts count time steps: from s₀ an action gave r₁ and led to s₁, whose
/// value counts with discount₁. All are over a batch, destination last.
/// </summary>
public static class TemporalDifference
{
    /// <summary>The action of the largest value, the first one of several.</summary>
    /// <param name="values">[actions], not empty.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static int GreedyAction(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            throw new ArgumentException("Expected at least one action value, got none.", nameof(values));
        int best = 0;
        for (int action = 1; action < values.Length; action++)
            if (values[action] > values[best])
                best = action;
        return best;
    }

    /// <summary>
    /// What a next value counts: γⁿ, or 0 where the task terminated. An episode that was only truncated is not
    /// terminated.
    /// </summary>
    /// <param name="terminated">[batch].</param>
    /// <param name="discount">γⁿ: γ for one-step returns.</param>
    /// <param name="discounts">Destination, [batch].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Discounts(ReadOnlySpan<bool> terminated, float discount, Span<float> discounts)
    {
        RequireLength(terminated.Length, discounts.Length, nameof(discounts));
        for (int i = 0; i < discounts.Length; i++)
            discounts[i] = terminated[i] ? 0 : discount;
    }

    /// <summary>
    /// v₁ = maxₐ q₁(a). Source: V. Mnih et al., "Human-level control through deep reinforcement learning" (2015).
    /// </summary>
    /// <param name="actionValues">q₁ of the target network, [batch, actions].</param>
    /// <param name="nextValues">Destination, [batch].</param>
    /// <exception cref="ArgumentException">
    /// The action values are not a whole number of actions for each item.
    /// </exception>
    public static void GreedyValues(ReadOnlySpan<float> actionValues, Span<float> nextValues)
    {
        int actions = RequireActions(actionValues.Length, nextValues.Length, nameof(actionValues));
        for (int i = 0; i < nextValues.Length; i++)
        {
            ReadOnlySpan<float> values = actionValues.Slice(i * actions, actions);
            nextValues[i] = values[GreedyAction(values)];
        }
    }

    /// <summary>
    /// v₁ = q₁(argmaxₐ p₁(a)): one network selects the action, the other values it. Source: H. van Hasselt, A. Guez, D.
    /// Silver, "Deep reinforcement learning with double Q-learning" (2016).
    /// </summary>
    /// <param name="selectorValues">p₁ of the online network, [batch, actions].</param>
    /// <param name="actionValues">q₁ of the target network, [batch, actions].</param>
    /// <param name="nextValues">Destination, [batch].</param>
    /// <exception cref="ArgumentException">
    /// The action values are not a whole number of actions for each item.
    /// </exception>
    public static void DoubleValues(
        ReadOnlySpan<float> selectorValues, ReadOnlySpan<float> actionValues, Span<float> nextValues)
    {
        RequireLength(actionValues.Length, selectorValues.Length, nameof(selectorValues));
        int actions = RequireActions(actionValues.Length, nextValues.Length, nameof(actionValues));
        for (int i = 0; i < nextValues.Length; i++)
            nextValues[i] = actionValues[i * actions + GreedyAction(selectorValues.Slice(i * actions, actions))];
    }

    /// <summary>
    /// The target r₁ + discount₁ · v₁. For n-step returns r₁ is the sum of γᵏ rₖ₊₁ and discount₁ is γⁿ. Source: C.
    /// Watkins, "Learning from delayed rewards" (1989); R. Sutton, "Learning to predict by the methods of temporal
    /// differences" (1988).
    /// </summary>
    /// <param name="rewards">r₁, [batch].</param>
    /// <param name="discounts">discount₁, [batch]; 0 where s₁ has no future: v₁ then does not count, not even NaN.</param>
    /// <param name="nextValues">v₁, [batch].</param>
    /// <param name="targets">Destination, [batch].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Targets(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> discounts, ReadOnlySpan<float> nextValues, Span<float> targets)
    {
        RequireLength(rewards.Length, discounts.Length, nameof(discounts));
        RequireLength(rewards.Length, nextValues.Length, nameof(nextValues));
        RequireLength(rewards.Length, targets.Length, nameof(targets));
        for (int i = 0; i < targets.Length; i++)
            targets[i] = discounts[i] == 0 ? rewards[i] : rewards[i] + discounts[i] * nextValues[i];
    }

    internal static void RequireLength(int expected, int actual, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"Expected {expected} numbers as {name}, got {actual}.", name);
    }

    internal static int RequireActions(int values, int batch, string name)
    {
        if (batch == 0 || values == 0 || values % batch != 0)
        {
            throw new ArgumentException(
                $"Expected action values [{batch}, actions], got {values} numbers as {name}.", name);
        }

        return values / batch;
    }
}
