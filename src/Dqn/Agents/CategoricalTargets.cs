using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>
/// The learning rule of <see cref="CategoricalDistribution"/>. Source: M. Bellemare, W. Dabney, R. Munos, "A
/// distributional perspective on reinforcement learning" (2017), algorithm 1.
/// </summary>
public static class CategoricalTargets
{
    /// <summary>
    /// The target: the distribution of r₁ + discount₁ · z₁, z₁ distributed as <paramref name="nextProbabilities"/> say,
    /// put back on the grid. A return between two atoms is shared between them in proportion to its nearness, one
    /// beyond an end goes to that end.
    /// </summary>
    /// <param name="rewards">r₁, [batch].</param>
    /// <param name="discounts">discount₁, [batch]; 0 where s₁ has no future: then all goes to r₁.</param>
    /// <param name="nextProbabilities">[batch, atoms], of the action that counts at s₁.</param>
    /// <param name="grid">The returns that the atoms stand for.</param>
    /// <param name="targets">Destination, [batch, atoms]: probabilities.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Project(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> discounts, ReadOnlySpan<float> nextProbabilities,
        CategoricalDistribution grid, Span<float> targets)
    {
        ArgumentNullException.ThrowIfNull(grid);
        int atoms = grid.Atoms;
        long numbers = (long)rewards.Length * atoms;
        DistributionTargets.RequireLength(rewards.Length, discounts.Length, nameof(discounts));
        DistributionTargets.RequireLength(numbers, nextProbabilities.Length, nameof(nextProbabilities));
        DistributionTargets.RequireLength(numbers, targets.Length, nameof(targets));
        targets.Clear();
        double scale = (atoms - 1) / ((double)grid.Max - grid.Min);
        for (int i = 0; i < rewards.Length; i++)
        {
            ReadOnlySpan<float> from = nextProbabilities.Slice(i * atoms, atoms);
            Span<float> to = targets.Slice(i * atoms, atoms);
            bool counts = discounts[i] != 0 || Finite.IndexOfNotFinite(from) < 0;
            for (int atom = 0; atom < atoms; atom++)
            {
                // Where s₁ has no future, all goes to r₁, whatever it was distributed like.
                float probability = counts ? from[atom] : atom == 0 ? 1 : 0;
                double position = (rewards[i] + discounts[i] * grid.ReturnOf(atom) - grid.Min) * scale;
                position = Math.Clamp(position, 0, atoms - 1);
                var lower = (int)position;
                var share = (float)(position - lower);
                to[lower] += probability * (1 - share);
                if (share > 0)
                    to[lower + 1] += probability * share;
            }
        }
    }
}
