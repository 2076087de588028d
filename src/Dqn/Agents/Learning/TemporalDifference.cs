namespace Dqn.Agents;

/// <summary>
/// The learning rules as pure functions; the bootstrap target is the head's own,
/// <see cref="Values.ValueDistribution.Targets"/>. Subscripts count time steps: from s₀ an action gave r₁ and led to s₁,
/// whose value counts with discount₁. All are over a batch, destination last.
/// </summary>
public static class TemporalDifference
{
    /// <summary>The legal action of the largest value, the first one of several.</summary>
    /// <param name="values">[actions], not empty.</param>
    /// <param name="legalActions">[actions], or empty where all are legal.</param>
    /// <exception cref="ArgumentException">There is no value, no legal action, or the mask has another length.</exception>
    public static int GreedyAction(ReadOnlySpan<float> values, ReadOnlySpan<bool> legalActions = default)
    {
        if (values.IsEmpty)
            throw new ArgumentException("Expected at least one action value, got none.", nameof(values));
        int best = legalActions.IsEmpty ? 0 : FirstLegal(legalActions, values.Length);
        for (int action = best + 1; action < values.Length; action++)
            if (values[action] > values[best] && (legalActions.IsEmpty || legalActions[action]))
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
    /// z₁(argmaxₐ p₁(a)): what the target network says of the action that is greedy by
    /// <paramref name="selectorValues"/>. Those are its own values: V. Mnih et al., "Human-level control through deep
    /// reinforcement learning" (2015); or the online network's, so that one selects the action and the other values it: H.
    /// van Hasselt, A. Guez, D. Silver, "Deep reinforcement learning with double Q-learning" (2016).
    /// </summary>
    /// <param name="selectorValues">p₁, [batch, actions].</param>
    /// <param name="distributions">z₁ of the target network, [batch, actions, atoms]; for numbers q₁.</param>
    /// <param name="actions">How many actions there are, at least 1.</param>
    /// <param name="nextDistributions">Destination, [batch, atoms]; zeros where no action is legal.</param>
    /// <param name="legalActions">At s₁, [batch, actions]: no other is chosen. Empty: all are legal.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Select(
        ReadOnlySpan<float> selectorValues, ReadOnlySpan<float> distributions, int actions,
        Span<float> nextDistributions, ReadOnlySpan<bool> legalActions = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 1);
        int batch = RequireWhole(selectorValues.Length, actions, nameof(selectorValues));
        int atoms = RequireWhole(nextDistributions.Length, batch, nameof(nextDistributions));
        RequireLength(selectorValues.Length * atoms, distributions.Length, nameof(distributions));
        RequireMasks(selectorValues.Length, legalActions);
        for (int i = 0; i < batch; i++)
        {
            ReadOnlySpan<bool> legal = LegalActions.Of(legalActions, i, actions);
            Span<float> next = nextDistributions.Slice(i * atoms, atoms);
            if (!legal.IsEmpty && !legal.Contains(true))
            {
                next.Clear(); // The task has ended: this does not count.
                continue;
            }

            int action = GreedyAction(selectorValues.Slice(i * actions, actions), legal);
            distributions.Slice((i * actions + action) * atoms, atoms).CopyTo(next);
        }
    }

    internal static void RequireMasks(int values, ReadOnlySpan<bool> legalActions)
    {
        if (!legalActions.IsEmpty)
            RequireLength(values, legalActions.Length, nameof(legalActions));
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

    private static int FirstLegal(ReadOnlySpan<bool> legalActions, int actions)
    {
        RequireLength(actions, legalActions.Length, nameof(legalActions));
        int first = legalActions.IndexOf(true);
        return first >= 0 ? first : throw new ArgumentException(
            $"Expected at least one of {actions} actions to be legal, got none.", nameof(legalActions));
    }

    internal static int RequireWhole(int numbers, int count, string name)
    {
        if (numbers == 0 || numbers % count != 0)
            throw new ArgumentException($"Expected a whole number of each of {count}, got {numbers} as {name}.", name);
        return numbers / count;
    }
}
