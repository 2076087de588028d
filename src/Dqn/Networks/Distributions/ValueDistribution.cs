using System.Text.Json.Serialization;

namespace Dqn.Networks;

/// <summary>
/// What a network says about an action's return when it gives a whole distribution instead of its mean:
/// <see cref="CategoricalDistribution"/> or <see cref="QuantileDistribution"/>. Such a network has
/// <see cref="Atoms"/> outputs per action.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CategoricalDistribution), "Categorical")]
[JsonDerivedType(typeof(QuantileDistribution), "Quantile")]
public abstract record ValueDistribution
{
    private protected ValueDistribution(int atoms, int least)
    {
        if (atoms < least || atoms > 65_536)
            throw new ArgumentOutOfRangeException(nameof(atoms), atoms, $"Expected {least} … 65536 atoms.");
        Atoms = atoms;
    }

    /// <summary>How many numbers describe one action's return.</summary>
    public int Atoms { get; }

    /// <summary>
    /// The action's value: the mean of a return so distributed, or of its worst part;
    /// <see cref="QuantileDistribution.RiskLevel"/>.
    /// </summary>
    /// <param name="distribution">
    /// [<see cref="Atoms"/>], as <see cref="IQNetwork.EvaluateDistributions"/> gives them.
    /// </param>
    /// <exception cref="ArgumentException">Another number of them.</exception>
    public float Expectation(ReadOnlySpan<float> distribution)
    {
        if (distribution.Length != Atoms)
        {
            throw new ArgumentException(
                $"Expected {Atoms} numbers, got {distribution.Length}.", nameof(distribution));
        }

        return Mean(distribution);
    }

    /// <summary>A network's outputs for one action to what <see cref="Expectation"/> takes.</summary>
    internal abstract void Describe(ReadOnlySpan<float> outputs, Span<float> distribution);

    /// <summary>One item's loss for the action taken, with its gradient.</summary>
    /// <param name="outputs">The network's for the action, [atoms].</param>
    /// <param name="distribution">What <see cref="Describe"/> made of them, [atoms].</param>
    /// <param name="targets">[atoms].</param>
    /// <param name="gradients">Destination, [atoms]: the loss's derivatives by the outputs.</param>
    internal abstract double Loss(
        ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients);

    private protected abstract float Mean(ReadOnlySpan<float> distribution);
}
