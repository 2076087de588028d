namespace Dqn.Agents;

/// <summary>
/// λ-returns: targets between one step and the whole rest of an episode, as a pure function. Of the returns over 1, 2, 3, …
/// steps, each ending with the value of where it leads, they are the average with weights in proportion to λᵏ, here
/// computed backward. Sources: R. Sutton, "Learning to predict by the methods of temporal differences" (1988); with the
/// value of the best action, as in J. Peng, R. Williams, "Incremental multi-step Q-learning" (1996); over rollouts of a
/// network without a target network, M. Gallici et al., "Simplifying deep temporal difference learning" (2024).
/// </summary>
/// <example>
/// Two steps that give 1 each, worth 10 after the first and 20 after the second:
/// <code>
/// var returns = new float[2];
/// LambdaReturns.Compute([1, 1], [0.5f, 0.5f], [10, 20], [false, false], lambda: 0.5, returns);
/// // returns[1] = 1 + 0.5 · 20 = 11; returns[0] = 1 + 0.5 · (0.5 · 10 + 0.5 · 11) = 6.25
/// </code></example>
public static class LambdaReturns
{
    /// <summary>
    /// Computes the returns of steps that followed each other in one environment: Gₜ = rₜ + discountₜ · ((1 − λ) · vₜ + λ ·
    /// Gₜ₊₁), and rₜ + discountₜ · vₜ for the last step and those whose episode was cut off. In double precision, rounded
    /// once a step.
    /// </summary>
    /// <param name="rewards">r, [steps]: what each step gave.</param>
    /// <param name="discounts">[steps]: γ; 0 where the task terminated.</param>
    /// <param name="nextValues">
    /// v, [steps]: the value of what each step led to, also where the episode was cut off there; where the task
    /// terminated it counts for nothing and may be anything finite.
    /// </param>
    /// <param name="cuts">[steps]: whether the step after it is another episode's.</param>
    /// <param name="lambda">λ, 0 … 1: 0 gives one-step targets, 1 the rewards of all steps and the last value.</param>
    /// <param name="returns">Destination, [steps].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lambda"/> is out of its range.</exception>
    public static void Compute(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> discounts, ReadOnlySpan<float> nextValues,
        ReadOnlySpan<bool> cuts, double lambda, Span<float> returns)
    {
        int steps = rewards.Length;
        TemporalDifference.RequireLength(steps, discounts.Length, nameof(discounts));
        TemporalDifference.RequireLength(steps, nextValues.Length, nameof(nextValues));
        TemporalDifference.RequireLength(steps, cuts.Length, nameof(cuts));
        TemporalDifference.RequireLength(steps, returns.Length, nameof(returns));
        if (!(lambda is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "Expected λ 0 … 1.");
        double following = 0;
        for (int t = steps - 1; t >= 0; t--)
        {
            double next = t == steps - 1 || cuts[t]
                ? nextValues[t]
                : (1 - lambda) * nextValues[t] + lambda * following;
            following = rewards[t] + discounts[t] * next;
            returns[t] = (float)following;
        }
    }
}
