using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// An action-value function that learns: evaluates batches of observations and fits them towards targets. It owns its
/// parameters, its optimizer and its loss. One engine is <see cref="QNetwork"/>; others are adapters.
/// Not safe for concurrent use; the results do not depend on how many threads it uses inside.
/// </summary>
public interface IQNetwork : IDisposable
{
    /// <summary>How many bytes one observation takes (pixels: one each; floats: four each).</summary>
    int ObservationBytes { get; }

    /// <summary>How many actions are valued.</summary>
    int ActionCount { get; }

    /// <summary>
    /// What the network is made of, for a weights file to say (<see cref="NetworkFile"/>); null where it is no
    /// <see cref="Sequential"/>, and unless implemented.
    /// </summary>
    Sequential? Architecture => null;

    /// <summary>How it learns, for a training run to keep and compare; null unless implemented.</summary>
    QNetworkOptions? Options => null;

    /// <summary>
    /// Whether <see cref="Evaluate"/> gives an observation the same values, to the bit, whenever it is asked while the
    /// parameters stay the same, whatever else is in the batch and however large it is. An agent then keeps values that
    /// it would have computed again. False unless implemented.
    /// </summary>
    bool IsBatchInvariant => false;

    /// <summary>
    /// What the optimizer multiplies an update with, above 0 and finite; at first what the network's options say. A
    /// change counts from the next fit on. Whoever changes it does so again after <see cref="LoadState"/>: it is part
    /// of no saved state, nor of a clone.
    /// </summary>
    /// <exception cref="NotSupportedException">The engine has no such number; so unless implemented.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and finite.</exception>
    double LearningRate
    {
        get => throw new NotSupportedException($"{GetType().Name} does not tell its learning rate.");
        set => throw new NotSupportedException($"{GetType().Name} cannot change its learning rate.");
    }

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
    /// One optimizer step that moves what is said of each taken action's return towards its target.
    /// </summary>
    /// <param name="observations">[batch, <see cref="ObservationBytes"/>].</param>
    /// <param name="actions">[batch], each 0 … <see cref="ActionCount"/> − 1.</param>
    /// <param name="targets">[batch, atoms], constants: values, probabilities or quantiles.</param>
    /// <param name="weights">[batch] factors on each item's loss, or empty for all 1.</param>
    /// <param name="tdErrors">
    /// Destination, [batch]: the target's value − the value before the step; or empty if not wanted.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The lengths do not fit one batch size, or an action does not exist.
    /// </exception>
    FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors);

    /// <summary>
    /// Draws new noise for all <see cref="NoisyLinear"/> layers, from the network's own random stream: it counts in
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

    /// <summary>
    /// Makes an independent network of the same architecture with the same parameters: a target network. It has no
    /// noise until it draws its own, from another stream.
    /// </summary>
    IQNetwork Clone();

    /// <summary>Copies the parameters of a network of the same architecture; the optimizer's state stays.</summary>
    /// <exception cref="ArgumentException">Another architecture.</exception>
    void CopyParametersFrom(IQNetwork source);

    /// <summary>
    /// Moves each parameter θ by <paramref name="fraction"/> · (source − θ); the optimizer's state stays. A target
    /// network moved so after each update follows the online one smoothly. Source: T. Lillicrap et al., "Continuous
    /// control with deep reinforcement learning" (2016). Unless implemented, it goes through state dicts.
    /// </summary>
    /// <param name="source">A network of the same architecture.</param>
    /// <param name="fraction">Above 0, at most 1, which copies.</param>
    /// <exception cref="ArgumentException">Another architecture.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is out of its range.</exception>
    void MoveParametersTowards(IQNetwork source, float fraction) => SoftUpdate.Apply(source, fraction, this);

    /// <summary>The parameters by name, copied, as PyTorch's <c>state_dict()</c> gives them.</summary>
    StateDict GetStateDict();

    /// <summary>Sets all parameters from <paramref name="stateDict"/>; the optimizer's state stays.</summary>
    /// <exception cref="ArgumentException">
    /// A name is missing or unknown, a shape differs, or a number is not finite: the message says which, what was
    /// expected and what came. Nothing has changed then.
    /// </exception>
    void LoadStateDict(StateDict stateDict);

    /// <summary>Writes the parameters, the optimizer's state, and noise with its random stream, exactly.</summary>
    void SaveState(BinaryWriter writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote on a network of the same architecture and optimizer.</summary>
    /// <exception cref="InvalidDataException">The data is of another architecture or optimizer, or damaged.</exception>
    void LoadState(BinaryReader reader);
}
