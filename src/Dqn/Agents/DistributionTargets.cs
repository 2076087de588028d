using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>
/// What the learning rules of all <see cref="ValueDistribution"/>s share. Subscripts as in
/// <see cref="TemporalDifference"/>.
/// </summary>
public static class DistributionTargets
{
    /// <summary>The values of distributions: their means.</summary>
    /// <param name="distribution">What the numbers mean.</param>
    /// <param name="distributions">[…, atoms].</param>
    /// <param name="values">Destination, […].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Expectations(
        ValueDistribution distribution, ReadOnlySpan<float> distributions, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        int atoms = distribution.Atoms;
        RequireLength((long)values.Length * atoms, distributions.Length, nameof(distributions));
        for (int i = 0; i < values.Length; i++)
            values[i] = distribution.Expectation(distributions.Slice(i * atoms, atoms));
    }

    /// <summary>
    /// z₁(argmaxₐ p₁(a)): the distribution of the action that is greedy by <paramref name="selectorValues"/>. Those are
    /// the distributions' own <see cref="Expectations"/> or, for Double DQN, the online network's values.
    /// </summary>
    /// <param name="selectorValues">p₁, [batch, actions].</param>
    /// <param name="distributions">z₁ of the target network, [batch, actions, atoms].</param>
    /// <param name="actions">How many actions there are, at least 1.</param>
    /// <param name="nextDistributions">Destination, [batch, atoms].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Select(
        ReadOnlySpan<float> selectorValues, ReadOnlySpan<float> distributions, int actions,
        Span<float> nextDistributions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 1);
        int batch = RequireAtoms(selectorValues.Length, actions, nameof(selectorValues));
        int atoms = RequireAtoms(nextDistributions.Length, batch, nameof(nextDistributions));
        RequireLength((long)batch * actions * atoms, distributions.Length, nameof(distributions));
        for (int i = 0; i < batch; i++)
        {
            int action = TemporalDifference.GreedyAction(selectorValues.Slice(i * actions, actions));
            distributions.Slice((i * actions + action) * atoms, atoms).CopyTo(nextDistributions[(i * atoms)..]);
        }
    }

    /// <summary>
    /// The target of whatever kind: <see cref="CategoricalTargets"/> or <see cref="QuantileTargets"/>.
    /// </summary>
    /// <param name="distribution">Which kind.</param>
    /// <param name="rewards">r₁, [batch].</param>
    /// <param name="discounts">discount₁, [batch].</param>
    /// <param name="nextDistributions">z₁, [batch, atoms].</param>
    /// <param name="targets">Destination, [batch, atoms].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Targets(
        ValueDistribution distribution, ReadOnlySpan<float> rewards, ReadOnlySpan<float> discounts,
        ReadOnlySpan<float> nextDistributions, Span<float> targets)
    {
        if (distribution is CategoricalDistribution grid)
            CategoricalTargets.Project(rewards, discounts, nextDistributions, grid, targets);
        else
            QuantileTargets.Shift(rewards, discounts, nextDistributions, targets);
    }

    internal static void RequireLength(long expected, int actual, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"Expected {expected} numbers as {name}, got {actual}.", name);
    }

    /// <summary>How many numbers each of <paramref name="count"/> has, at least 1.</summary>
    internal static int RequireAtoms(int numbers, int count, string name)
    {
        if (count == 0 || numbers == 0 || numbers % count != 0)
            throw new ArgumentException($"Expected a whole number of each of {count}, got {numbers} as {name}.", name);
        return numbers / count;
    }
}
