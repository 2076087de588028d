using Dqn.Serialization;

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

    /// <summary>Computes action values.</summary>
    /// <param name="observations">[batch, <see cref="ObservationBytes"/>].</param>
    /// <param name="values">Destination, [batch, <see cref="ActionCount"/>].</param>
    /// <exception cref="ArgumentException">The lengths do not fit one batch size.</exception>
    void Evaluate(ReadOnlySpan<byte> observations, Span<float> values);

    /// <summary>One optimizer step that moves the value of each taken action towards its target.</summary>
    /// <param name="observations">[batch, <see cref="ObservationBytes"/>].</param>
    /// <param name="actions">[batch], each 0 … <see cref="ActionCount"/> − 1.</param>
    /// <param name="targets">[batch], constants.</param>
    /// <param name="weights">[batch] factors on each item's loss, or empty for all 1.</param>
    /// <param name="tdErrors">Destination, [batch]: target − value before the step; or empty if not wanted.</param>
    /// <exception cref="ArgumentException">
    /// The lengths do not fit one batch size, or an action does not exist.
    /// </exception>
    /// <exception cref="NotSupportedException"><see cref="Distribution"/> is not null.</exception>
    FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors);

    /// <summary>
    /// What the network says about each action's return beyond its mean; null where that is only a value, and unless
    /// implemented. If not null, <see cref="Evaluate"/> gives the means, and <see cref="FitDistributions"/> takes the
    /// place of <see cref="Fit"/>.
    /// </summary>
    ValueDistribution? Distribution => null;

    /// <summary>
    /// Computes the distributions of the actions' returns: probabilities of a
    /// <see cref="CategoricalDistribution"/>'s atoms, or quantiles.
    /// </summary>
    /// <param name="observations">[batch, <see cref="ObservationBytes"/>].</param>
    /// <param name="distributions">Destination, [batch, <see cref="ActionCount"/>, atoms].</param>
    /// <exception cref="ArgumentException">The lengths do not fit one batch size.</exception>
    /// <exception cref="NotSupportedException"><see cref="Distribution"/> is null.</exception>
    void EvaluateDistributions(ReadOnlySpan<byte> observations, Span<float> distributions) =>
        throw new NotSupportedException($"{GetType().Name} values actions by single numbers.");

    /// <summary>
    /// One optimizer step that moves the distribution of each taken action's return towards its target.
    /// </summary>
    /// <param name="observations">[batch, <see cref="ObservationBytes"/>].</param>
    /// <param name="actions">[batch], each 0 … <see cref="ActionCount"/> − 1.</param>
    /// <param name="targets">[batch, atoms], constants: probabilities or quantiles.</param>
    /// <param name="weights">[batch] factors on each item's loss, or empty for all 1.</param>
    /// <param name="tdErrors">
    /// Destination, [batch]: the target's mean − the value before the step; or empty if not wanted.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The lengths do not fit one batch size, or an action does not exist.
    /// </exception>
    /// <exception cref="NotSupportedException"><see cref="Distribution"/> is null.</exception>
    FitResult FitDistributions(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors) =>
        throw new NotSupportedException($"{GetType().Name} values actions by single numbers.");

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

    /// <summary>
    /// Makes such a network that makes other values of the same distributions: one that decides by their worst part, say,
    /// while this one learns. Unless implemented, there is none.
    /// </summary>
    /// <param name="distribution">Of the kind and the atoms that <see cref="Distribution"/> has.</param>
    /// <exception cref="ArgumentException">Of another kind, or with other atoms.</exception>
    /// <exception cref="NotSupportedException">Not implemented, or the network gives no distributions.</exception>
    IQNetwork Clone(ValueDistribution distribution) =>
        throw new NotSupportedException($"{GetType().Name} values its distributions in one way alone.");

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
