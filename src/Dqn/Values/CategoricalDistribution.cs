namespace Dqn.Values;

/// <summary>
/// Probabilities of returns on a fixed grid from <see cref="Min"/> to <see cref="Max"/>: the softmax of the network's
/// outputs, fitted by cross-entropy. With 51 atoms it is "C51". Source: M. Bellemare, W. Dabney, R. Munos, "A
/// distributional perspective on reinforcement learning" (2017).
/// </summary>
/// <remarks>
/// A network that has learnt nothing expects the middle of the grid, whatever it sees and does. A grid around 0, as the paper's
/// −10 … 10, makes that 0; one that begins at 0 makes it hope for much everywhere, which takes long to unlearn where rewards
/// are rare.
/// </remarks>
public sealed record CategoricalDistribution : ValueDistribution
{
    /// <summary>Describes the grid.</summary>
    /// <param name="min">The least return, finite; what is less counts as this.</param>
    /// <param name="max">The greatest return, finite and above <paramref name="min"/>.</param>
    /// <param name="atoms">How many returns the grid has, both ends included, 2 … 65,536.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public CategoricalDistribution(float min, float max, int atoms = 51)
        : base(atoms, least: 2)
    {
        if (!float.IsFinite(min) || !float.IsFinite(max - min) || !(min < max))
            throw new ArgumentOutOfRangeException(nameof(max), max, $"Expected finite returns, max above min = {min}.");
        (Min, Max) = (min, max);
    }

    /// <summary>The least return.</summary>
    public float Min { get; }

    /// <summary>The greatest return.</summary>
    public float Max { get; }

    /// <summary>The return of an atom, 0 … <see cref="ValueDistribution.Atoms"/> − 1.</summary>
    public double ReturnOf(int atom) => Min + ((double)Max - Min) * atom / (Atoms - 1);

    internal override void Describe(ReadOnlySpan<float> outputs, Span<float> distributions)
    {
        for (int at = 0; at < outputs.Length; at += Atoms)
            Softmax(outputs.Slice(at, Atoms), distributions.Slice(at, Atoms));
    }

    /// <summary>
    /// −Σ m log p, whose derivative by an output is p Σ m − m; Σ m is 1 for targets that are probabilities.
    /// </summary>
    internal override double Cost(
        Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<float> distribution, ReadOnlySpan<float> targets,
        Span<float> gradients)
    {
        float greatest = Greatest(outputs);
        double sum = 0, targetSum = 0, product = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            sum += MathF.Exp(outputs[i] - greatest);
            targetSum += targets[i];
            product += (double)targets[i] * (outputs[i] - greatest);
        }

        for (int i = 0; i < outputs.Length; i++)
            gradients[i] = (float)(distribution[i] * targetSum - targets[i]);
        return targetSum * Math.Log(sum) - product;
    }

    private protected override float Mean(ReadOnlySpan<float> distribution)
    {
        double sum = 0;
        for (int i = 0; i < distribution.Length; i++)
            sum += distribution[i] * ReturnOf(i);
        return (float)sum;
    }

    /// <summary>
    /// A return between two atoms is shared between them in proportion to its nearness, one beyond an end goes to that
    /// end: the paper's algorithm 1.
    /// </summary>
    private protected override void Bootstrap(
        float reward, float discount, ReadOnlySpan<float> next, Span<float> target)
    {
        target.Clear();
        double scale = (Atoms - 1) / ((double)Max - Min);
        bool counts = discount != 0 || float.IsFinite(Mean(next));
        for (int atom = 0; atom < next.Length; atom++)
        {
            // Where s₁ has no future, all goes to r₁, whatever it was distributed like.
            float probability = counts ? next[atom] : atom == 0 ? 1 : 0;
            double position = (reward + discount * ReturnOf(atom) - Min) * scale;
            position = Math.Clamp(position, 0, Atoms - 1);
            var lower = (int)position;
            var share = (float)(position - lower);
            target[lower] += probability * (1 - share);
            if (share > 0)
                target[lower + 1] += probability * share;
        }
    }

    private static void Softmax(ReadOnlySpan<float> outputs, Span<float> distribution)
    {
        float greatest = Greatest(outputs);
        double sum = 0;
        for (int i = 0; i < outputs.Length; i++)
            sum += distribution[i] = MathF.Exp(outputs[i] - greatest);
        var scale = (float)(1 / sum);
        for (int i = 0; i < outputs.Length; i++)
            distribution[i] *= scale;
    }

    private static float Greatest(ReadOnlySpan<float> outputs)
    {
        float greatest = outputs[0];
        foreach (float output in outputs)
            greatest = Math.Max(greatest, output);
        return greatest;
    }
}
