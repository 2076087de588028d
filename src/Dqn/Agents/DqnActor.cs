using System.Collections.Immutable;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Values;

namespace Dqn.Agents;

/// <summary>
/// The acting half of a <see cref="DqnAgent"/>: chooses actions ε-greedily in several environments, with a network of its
/// own that follows a learner elsewhere. Each environment has its own ε (<see cref="EpsilonSchedule.Ladder"/>); the network
/// values all that need it as one batch. Source: D. Horgan et al., "Distributed prioritized experience replay" (2018). Not
/// safe for concurrent use.
/// </summary>
/// <example><code>
/// var actor = new DqnActor(network, environments.Spec, options, seed: 7, environments: [4, 5]); // two of options.Environments
/// actor.Begin(0);
/// actor.Begin(1);
/// actor.Act(steps, observations, actions);
/// </code></example>
public sealed class DqnActor
{
    private readonly IValueFunction _network;
    private readonly Exploration _exploration;
    private readonly int _observationBytes;
    private readonly int _maskedActions;

    // The environments whose actions are the network's to choose: their places, observations and action values.
    private readonly int[] _asked;
    private readonly byte[] _observations;
    private readonly float[] _values;

    /// <summary>Makes an actor around a network, which stays the caller's.</summary>
    /// <param name="network">Values the actions; its parameters may change between two calls.</param>
    /// <param name="spec">The environments' observations and actions.</param>
    /// <param name="options">How to explore.</param>
    /// <param name="seed">Of the stream that exploring draws from.</param>
    /// <param name="environments">
    /// Which of the <see cref="DqnOptions.Environments"/> it acts in, which says how much each explores; default: all.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The network is not for such observations, or there is no such environment, or none.
    /// </exception>
    public DqnActor(
        IValueFunction network, EnvironmentSpec spec, DqnOptions options, ulong seed, ImmutableArray<int> environments = default)
        : this(network, spec, options, new Pcg64(seed), environments)
    {
    }

    internal DqnActor(
        IValueFunction network, EnvironmentSpec spec, DqnOptions options, Pcg64 random, ImmutableArray<int> environments = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        if (network.ObservationBytes != spec.ObservationBytes || network.ActionCount != spec.ActionCount)
        {
            throw new ArgumentException(
                $"Expected a network for {spec.Name}'s observations of {spec.ObservationBytes} bytes and {spec.ActionCount} " +
                $"actions, got one for {network.ObservationBytes} bytes and {network.ActionCount}.", nameof(network));
        }

        if (environments.IsDefault)
            environments = [.. Enumerable.Range(0, options.Environments)];
        if (environments.IsEmpty || environments.Any(number => (uint)number >= (uint)options.Environments))
        {
            throw new ArgumentException(
                $"Expected some of the environments 0 … {options.Environments - 1} that {nameof(DqnOptions)}." +
                $"{nameof(DqnOptions.Environments)} counts, got [{string.Join(", ", environments)}].", nameof(environments));
        }

        Environments = environments;
        (_network, _observationBytes, _maskedActions) = (network, spec.ObservationBytes, spec.MaskedActions);
        _exploration = new Exploration(options, spec.ActionCount, random, environments);
        _asked = new int[environments.Length];
        _observations = new byte[environments.Length == 1 ? 0 : environments.Length * spec.ObservationBytes];
        _values = new float[environments.Length * spec.ActionCount];
    }

    /// <summary>Which environments it acts in; everywhere else they are counted by their place here.</summary>
    public ImmutableArray<int> Environments { get; }

    /// <summary>
    /// Whether all observations are valued, also those at which an action is drawn, for whoever needs <see cref="Values"/>.
    /// Costs time, changes no action. Default false.
    /// </summary>
    public bool ValuesAll { get; init; }

    /// <summary>
    /// What the network said in the last <see cref="Act"/>, [environments, actions]; only with <see cref="ValuesAll"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="ValuesAll"/> is false.</exception>
    public ReadOnlySpan<float> Values => ValuesAll
        ? _values
        : throw new InvalidOperationException($"Expected {nameof(ValuesAll)}: without it not all observations are valued.");

    /// <summary>An episode begins.</summary>
    /// <param name="environment">Its place among <see cref="Environments"/>.</param>
    public void Begin(int environment) => _exploration.Begin(environment);

    /// <summary>
    /// Chooses a legal action for each environment: random with probability ε and during the warm-up, else greedy. Each draws
    /// one <see cref="Pcg64.NextDouble"/>, then one <see cref="Pcg64.Integer(int)"/> if the action is random. With
    /// <see cref="DqnOptions.ExplorationDuration"/> a random action is then kept up for as long as one more
    /// <see cref="Pcg64.NextDouble"/> says, or the episode lasts, or it is legal; the steps on which it is draw nothing.
    /// </summary>
    /// <param name="steps">Agent steps that the training has made, for ε and the warm-up.</param>
    /// <param name="observations">[environments, <see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="actions">Destination, [environments].</param>
    /// <param name="legalActions">
    /// [environments, actions], which are legal; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">A span has another length, or somewhere no action is legal.</exception>
    public void Act(
        long steps, ReadOnlySpan<byte> observations, Span<int> actions, ReadOnlySpan<bool> legalActions = default)
    {
        int environments = Environments.Length, bytes = _observationBytes;
        if (observations.Length != (long)environments * bytes)
        {
            throw new ArgumentException(
                $"Expected {environments} × {bytes} bytes of observations, got {observations.Length}.",
                nameof(observations));
        }

        if (actions.Length != environments)
        {
            throw new ArgumentException(
                $"Expected room for {environments} actions, got {actions.Length}.", nameof(actions));
        }

        LegalActions.Require(legalActions, _maskedActions, environments);
        int asked = 0, count = _network.ActionCount;
        for (int i = 0; i < environments; i++)
        {
            if (!_exploration.Explores(steps, i, LegalActions.Of(legalActions, i, count), out actions[i]))
                _asked[asked++] = i;
        }

        if (asked == 0 && !ValuesAll)
            return;
        _network.ResampleNoise();
        ReadOnlySpan<byte> batch = observations;
        if (asked < environments && !ValuesAll)
        {
            for (int i = 0; i < asked; i++)
                observations.Slice(_asked[i] * bytes, bytes).CopyTo(_observations.AsSpan(i * bytes));
            batch = _observations.AsSpan(0, asked * bytes);
        }

        Span<float> values = _values.AsSpan(0, batch.Length / bytes * count);
        _network.Evaluate(batch, values);
        for (int i = 0; i < asked; i++)
        {
            ReadOnlySpan<bool> legal = LegalActions.Of(legalActions, _asked[i], count);
            int place = ValuesAll ? _asked[i] : i;
            actions[_asked[i]] = TemporalDifference.GreedyAction(values.Slice(place * count, count), legal);
        }
    }

    /// <summary>Writes the random stream and what is being kept up.</summary>
    internal void SaveState(BinaryWriter writer) => _exploration.SaveState(writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote with the same options.</summary>
    /// <exception cref="InvalidDataException">The state is damaged or of other options.</exception>
    internal void LoadState(BinaryReader reader) => _exploration.LoadState(reader);
}
