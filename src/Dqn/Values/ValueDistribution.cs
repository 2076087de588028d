using System.Text.Json.Serialization;

namespace Dqn.Values;

/// <summary>
/// What a network says of an action's return, and how that is learnt: a number (<see cref="SingleValue"/>), probabilities
/// (<see cref="CategoricalDistribution"/>) or quantiles (<see cref="QuantileDistribution"/>,
/// <see cref="ImplicitQuantileDistribution"/>). Each owns its loss and its bootstrap target. A number is a distribution of
/// one atom, so that one way through the learner serves all.
/// <para>
/// A network says <see cref="Atoms"/> numbers of each action. Subscripts count time steps: from s₀ an action gave r₁ and led to
/// s₁, from which the return z₁ counts with discount₁.
/// </para>
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SingleValue), "Single")]
[JsonDerivedType(typeof(CategoricalDistribution), "Categorical")]
[JsonDerivedType(typeof(QuantileDistribution), "Quantile")]
[JsonDerivedType(typeof(ImplicitQuantileDistribution), "ImplicitQuantile")]
public abstract record ValueDistribution
{
    private protected ValueDistribution(int atoms, int least)
    {
        if (atoms < least || atoms > 65_536)
            throw new ArgumentOutOfRangeException(nameof(atoms), atoms, $"Expected {least} … 65536 atoms.");
        Atoms = atoms;
    }

    /// <summary>How many numbers describe one action's return.</summary>
    public virtual int Atoms { get; }

    /// <summary>
    /// The action's value: the mean of a return so distributed, or of its worst part;
    /// <see cref="QuantileDistribution.RiskLevel"/>.
    /// </summary>
    /// <param name="distribution">[<see cref="Atoms"/>], as a network gives them or <see cref="Targets"/>.</param>
    /// <exception cref="ArgumentException">Another number of them.</exception>
    public float Expectation(ReadOnlySpan<float> distribution)
    {
        RequireLength(Atoms, distribution.Length, nameof(distribution));
        return Mean(distribution);
    }

    /// <summary>The values of many distributions.</summary>
    /// <param name="distributions">[…, atoms].</param>
    /// <param name="values">Destination, […].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public void Expectations(ReadOnlySpan<float> distributions, Span<float> values)
    {
        RequireLength((long)values.Length * Atoms, distributions.Length, nameof(distributions));
        Means(distributions, values);
    }

    /// <summary>
    /// The bootstrap target: how r₁ + discount₁ · z₁ is distributed. For n-step returns r₁ is the sum of γᵏ rₖ₊₁ and
    /// discount₁ is γⁿ.
    /// </summary>
    /// <param name="rewards">r₁, [batch].</param>
    /// <param name="discounts">discount₁, [batch]; 0 where s₁ has no future: z₁ then does not count, not even NaN.</param>
    /// <param name="nextDistributions">z₁ of the action that counts at s₁, [batch, atoms].</param>
    /// <param name="targets">Destination, [batch, atoms].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public void Targets(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> discounts, ReadOnlySpan<float> nextDistributions,
        Span<float> targets)
    {
        long numbers = (long)rewards.Length * Atoms;
        RequireLength(rewards.Length, discounts.Length, nameof(discounts));
        RequireLength(numbers, nextDistributions.Length, nameof(nextDistributions));
        RequireLength(numbers, targets.Length, nameof(targets));
        for (int i = 0; i < rewards.Length; i++)
        {
            int at = i * Atoms;
            Bootstrap(rewards[i], discounts[i], nextDistributions.Slice(at, Atoms), targets.Slice(at, Atoms));
        }
    }

    /// <summary>
    /// The same, but an action's value is the mean of its lowest quantiles alone: <see cref="QuantileDistribution.RiskLevel"/>.
    /// Null where there are no quantiles.
    /// </summary>
    /// <param name="riskLevel">Which part of them: above 0, up to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of its range.</exception>
    public virtual ValueDistribution? AtRisk(double riskLevel) => null;

    /// <summary>How many numbers of one action a network's last layer gives at a time.</summary>
    internal virtual int Features => Atoms;

    /// <summary>How many numbers of one action are fitted in one update.</summary>
    internal virtual int Fitted => Atoms;

    /// <summary>A network's outputs to what <see cref="Expectations"/> takes; both […, atoms].</summary>
    internal abstract void Describe(ReadOnlySpan<float> outputs, Span<float> distributions);

    /// <summary>The values of a network's outputs.</summary>
    /// <param name="outputs">[…, atoms].</param>
    /// <param name="scratch">[atoms] or more.</param>
    /// <param name="values">Destination, […].</param>
    internal virtual void Evaluate(ReadOnlySpan<float> outputs, Span<float> scratch, Span<float> values)
    {
        scratch = scratch[..Atoms];
        for (int i = 0; i < values.Length; i++)
        {
            Describe(outputs.Slice(i * Atoms, Atoms), scratch);
            values[i] = Mean(scratch);
        }
    }

    /// <summary>One item's loss for the action taken, with its gradient.</summary>
    /// <param name="loss">What a number's distance from its target costs; distributions have a loss of their own.</param>
    /// <param name="outputs">The network's for the action, [atoms].</param>
    /// <param name="distribution">What <see cref="Describe"/> made of them, [atoms].</param>
    /// <param name="targets">[atoms].</param>
    /// <param name="gradients">Destination, [atoms]: the loss's derivatives by the outputs.</param>
    internal abstract double Cost(
        Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients);

    /// <summary>The same where the quantiles fitted are at <paramref name="fractions"/>, [<see cref="Fitted"/>].</summary>
    internal virtual double Cost(
        ReadOnlySpan<float> fractions, Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution,
        ReadOnlySpan<float> targets, Span<float> gradients) => Cost(loss, outputs, distribution, targets, gradients);

    /// <summary>An item's value and its error, which sampling may depend on.</summary>
    /// <param name="distribution">What <see cref="Describe"/> made of the outputs, [<see cref="Fitted"/>].</param>
    /// <param name="targets">[<see cref="Atoms"/>].</param>
    internal virtual (float Value, float Error) Judge(ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets)
    {
        float value = Expectation(distribution);
        return (value, Expectation(targets) - value);
    }

    private protected abstract float Mean(ReadOnlySpan<float> distribution);

    private protected virtual void Means(ReadOnlySpan<float> distributions, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = Mean(distributions.Slice(i * Atoms, Atoms));
    }

    /// <summary>One item's target, where atoms are returns: each z₁ becomes r₁ + discount₁ · z₁.</summary>
    private protected virtual void Bootstrap(
        float reward, float discount, ReadOnlySpan<float> next, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = discount == 0 ? reward : reward + discount * next[i];
    }

    private static void RequireLength(long expected, int actual, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"Expected {expected} numbers as {name}, got {actual}.", name);
    }
}
