namespace Dqn.Values;

/// <summary>
/// What values actions: it takes batches of observations and says what each action's return is, as its
/// <see cref="Distribution"/> describes. To act and to be evaluated takes no more. Not safe for concurrent use; the
/// results do not depend on how many threads it uses inside.
/// </summary>
/// <example><code>
/// IValueFunction network = agent.EvaluationNetwork;
/// var values = new float[network.ActionCount];
/// network.Evaluate(observation, values);
/// </code></example>
public interface IValueFunction : IDisposable
{
    /// <summary>How many bytes one observation takes (pixels: one each; floats: four each).</summary>
    int ObservationBytes { get; }

    /// <summary>How many actions are valued.</summary>
    int ActionCount { get; }

    /// <summary>
    /// Whether <see cref="Evaluate"/> gives an observation the same values, to the bit, whenever it is asked while the
    /// parameters stay the same, whatever else is in the batch and however large it is. An agent then keeps values that
    /// it would have computed again. False unless implemented.
    /// </summary>
    bool IsBatchInvariant => false;

    /// <summary>
    /// What the network says of an action's return, and how that is learnt. A <see cref="SingleValue"/> unless
    /// implemented.
    /// </summary>
    ValueDistribution Distribution => new SingleValue();

    /// <summary>Computes action values, the means of what <see cref="EvaluateDistributions"/> gives.</summary>
    /// <param name="observations">[batch, <see cref="ObservationBytes"/>].</param>
    /// <param name="values">Destination, [batch, <see cref="ActionCount"/>].</param>
    /// <exception cref="ArgumentException">The lengths do not fit one batch size.</exception>
    void Evaluate(ReadOnlySpan<byte> observations, Span<float> values);

    /// <summary>
    /// Computes what <see cref="Distribution"/> says of the actions' returns: the values themselves, probabilities or
    /// quantiles. Unless implemented, the values.
    /// </summary>
    /// <param name="observations">[batch, <see cref="ObservationBytes"/>].</param>
    /// <param name="distributions">Destination, [batch, <see cref="ActionCount"/>, atoms].</param>
    /// <exception cref="ArgumentException">The lengths do not fit one batch size.</exception>
    void EvaluateDistributions(ReadOnlySpan<byte> observations, Span<float> distributions) =>
        Evaluate(observations, distributions);

    /// <summary>
    /// Draws new noise for all noisy layers, from the network's own random stream: it counts in
    /// all calls until the next. To be done before acting and before each update. Does nothing where there is no such
    /// layer, and unless implemented.
    /// </summary>
    void ResampleNoise()
    {
    }

    /// <summary>
    /// Makes the noise 0, as it is at first: to be done before evaluating greedily. Does nothing where there is none.
    /// </summary>
    void ClearNoise()
    {
    }
}
