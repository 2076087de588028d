using Dqn.Randomness;

namespace Dqn.Replay;

/// <summary>
/// How likely each stored transition is to be drawn: see <see cref="PrioritizedReplayOptions"/>. A transition's slot is
/// its id mod capacity, from its arrival to that of the one that overwrites it.
/// </summary>
internal sealed class ReplayPriorities(int capacity, PrioritizedReplayOptions options)
{
    private readonly SumTree _tree = new(capacity); // p^α of each slot; 0: no transition.
    private double _largest = 1; // p, before the exponent.
    private double _likelihoodOfNew = 1; // largest^α

    /// <summary>Throws where errors are not one for each transition, or not finite.</summary>
    public static void Require(ReadOnlySpan<long> ids, ReadOnlySpan<float> tdErrors)
    {
        if (ids.Length != tdErrors.Length)
        {
            throw new ArgumentException(
                $"Expected as many errors as transitions, {ids.Length}, got {tdErrors.Length}.", nameof(tdErrors));
        }

        foreach (float tdError in tdErrors)
            if (!float.IsFinite(tdError))
                throw new ArgumentException($"Expected finite errors, got {tdError}.", nameof(tdErrors));
    }

    /// <summary>A transition's share of all draws, times a number that all have in common.</summary>
    public double Likelihood(long id) => _tree[Slot(id)];

    /// <summary>A transition has come.</summary>
    public void Add(long id) => _tree[Slot(id)] = _likelihoodOfNew;

    /// <summary>A frame without a transition has come: nothing of this number is to be drawn.</summary>
    public void Remove(long id) => _tree[Slot(id)] = 0;

    /// <summary>The transition has been learnt from.</summary>
    public void Update(long id, float tdError)
    {
        double priority = Math.Abs((double)tdError) + options.PriorityOffset;
        double likelihood = Math.Pow(priority, options.PriorityExponent);
        _tree[Slot(id)] = likelihood;
        if (priority > _largest)
            (_largest, _likelihoodOfNew) = (priority, likelihood);
    }

    /// <summary>
    /// Draws a slot from one of the equal pieces that the line of all likelihoods is cut into for a batch, by one
    /// <see cref="Pcg64.NextDouble"/>.
    /// </summary>
    public int DrawSlot(Pcg64 random, int piece, int pieces) =>
        _tree.Find((piece + random.NextDouble()) * (_tree.Total / pieces));

    /// <summary>
    /// The weights of drawn transitions: (N · P)^−β over the largest of them, which N and Σ p^α drop out of.
    /// </summary>
    public void Weights(ReadOnlySpan<long> ids, double importanceExponent, Span<float> weights)
    {
        double least = double.PositiveInfinity;
        foreach (long id in ids)
            least = Math.Min(least, Likelihood(id));
        for (int i = 0; i < ids.Length; i++)
            weights[i] = (float)Math.Pow(least / Likelihood(ids[i]), importanceExponent);
    }

    /// <summary>Writes all but the likelihoods.</summary>
    public void SaveState(BinaryWriter writer)
    {
        writer.Write(options.PriorityExponent);
        writer.Write(_largest);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The state is damaged, or the exponent was another.</exception>
    public void LoadState(BinaryReader reader)
    {
        double exponent = reader.ReadDouble(), largest = reader.ReadDouble();
        if (exponent != options.PriorityExponent || !(largest >= 1 && largest <= (double)float.MaxValue + 1))
        {
            throw new InvalidDataException(
                $"Replay state: expected priorities with exponent {options.PriorityExponent}, got exponent " +
                $"{exponent}, largest priority {largest}.");
        }

        (_largest, _likelihoodOfNew) = (largest, Math.Pow(largest, exponent));
    }

    /// <summary>Reads a <see cref="Likelihood"/>, after <see cref="LoadState"/>.</summary>
    /// <exception cref="InvalidDataException">It is not a possible one.</exception>
    public void LoadLikelihood(BinaryReader reader, long id)
    {
        double likelihood = reader.ReadDouble();
        if (!(likelihood >= 0 && likelihood <= _likelihoodOfNew * 1.000001))
        {
            throw new InvalidDataException(
                $"Replay state: expected a likelihood 0 … {_likelihoodOfNew}, got {likelihood}.");
        }

        _tree[Slot(id)] = likelihood;
    }

    private int Slot(long id) => (int)(id % capacity);
}
