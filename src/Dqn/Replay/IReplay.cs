using Dqn.Randomness;

namespace Dqn.Replay;

/// <summary>
/// What an agent remembers and learns from: transitions are added as they come, batches of them sampled.
/// <see cref="ReplayBuffer"/> draws all alike, <see cref="PrioritizedReplayBuffer"/> prefers those with large errors. Each
/// environment that acts for the learner has a lane of its own. Not safe for concurrent use.
/// </summary>
public interface IReplay : IReplayState
{
    /// <summary>
    /// The buffer in this process's memory that holds the transitions, so that a learner beside it can read single frames
    /// instead of copies; null where they lie elsewhere, on other machines say.
    /// </summary>
    ReplayBuffer? Local { get; }

    /// <summary>How many frames' transitions are kept, over all lanes.</summary>
    long Capacity { get; }

    /// <summary>How many transitions can be sampled now; at most <see cref="Capacity"/>.</summary>
    long Count { get; }

    /// <summary>The bytes of a whole observation.</summary>
    int ObservationBytes { get; }

    /// <summary>How many environments' episodes are kept apart.</summary>
    int Lanes { get; }

    /// <summary>How many actions' legality is kept with each observation; 0: all actions are always legal.</summary>
    int MaskedActions { get; }

    /// <summary>Whether what is sampled depends on <see cref="UpdatePriorities"/>.</summary>
    bool IsPrioritized { get; }

    /// <summary>
    /// Starts an episode. If the one before was not over, it is cut off where it stands, as if its last transition had
    /// been truncated; if nothing had been added to it, it is forgotten.
    /// </summary>
    /// <param name="observation">
    /// [<see cref="ObservationBytes"/>], the first observation: one frame repeated over the whole stack.
    /// </param>
    /// <param name="lane">Which environment's episode, 0 … <see cref="Lanes"/> − 1.</param>
    /// <param name="legalActions">
    /// [<see cref="MaskedActions"/>]: which actions are legal at this observation, at least one of them.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length is another, the stack's frames differ, or no action is legal.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such lane.</exception>
    void Begin(ReadOnlySpan<byte> observation, int lane = 0, ReadOnlySpan<bool> legalActions = default);

    /// <summary>Stores what came of an action.</summary>
    /// <param name="action">The action taken at the lane's newest observation, at least 0.</param>
    /// <param name="reward">What it gave, finite.</param>
    /// <param name="terminated">The task ended: the next observation has no future.</param>
    /// <param name="truncated">The episode was cut off: the next observation has a future that is not played.</param>
    /// <param name="nextObservation">
    /// [<see cref="ObservationBytes"/>], what was observed then, oldest frame first; only its newest frame is stored.
    /// </param>
    /// <param name="lane">Which environment's step, 0 … <see cref="Lanes"/> − 1.</param>
    /// <param name="nextLegalActions">
    /// [<see cref="MaskedActions"/>]: which actions are legal then; may be none, or empty, where the task has ended.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length is another, no action is legal although the task goes on, or the action taken was not legal.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The action is negative, the reward is not finite, or there is no such lane.
    /// </exception>
    /// <exception cref="InvalidOperationException">No episode has begun in the lane since its last one ended.</exception>
    void Add(
        int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation, int lane = 0,
        ReadOnlySpan<bool> nextLegalActions = default);

    /// <summary>Fills a batch with transitions.</summary>
    /// <param name="random">What is drawn from.</param>
    /// <param name="batch">Destination.</param>
    /// <param name="steps">
    /// n, at least 1: how many steps rewards are summed over and the next observation lies ahead. Fewer are taken where
    /// the task terminated or the episode was truncated before, and at the newest frames of one that still goes on.
    /// Default 1.
    /// </param>
    /// <param name="discount">γ, 0 … 1, per step. Default 1.</param>
    /// <param name="importanceExponent">
    /// β, 0 … 1, of prioritized replay's weights. Null, the default: <see cref="PrioritizedReplayOptions.ImportanceExponent"/>.
    /// Where all are drawn alike, weights are 1 whatever it is.
    /// </param>
    /// <param name="observations">
    /// Which observations are wanted; the others are left as they were. The draws are the same.
    /// </param>
    /// <exception cref="ArgumentException">The batch is for other observations or masks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The steps, the discount or β are out of range.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Count"/> is 0.</exception>
    void Sample(
        Pcg64 random, TransitionBatch batch, int steps = 1, double discount = 1, double? importanceExponent = null,
        BatchObservations observations = BatchObservations.Both);

    /// <summary>
    /// Says how large the errors of transitions were that have been learnt from. Those that have been overwritten since are
    /// passed over; replay that draws all alike has no use for it.
    /// </summary>
    /// <param name="ids">[batch], as in <see cref="TransitionBatch.Ids"/>; of one that occurs twice the last counts.</param>
    /// <param name="tdErrors">δ, [batch], finite; the sign does not matter.</param>
    /// <exception cref="ArgumentException">The lengths differ, or an error is not finite. Nothing has changed.</exception>
    void UpdatePriorities(ReadOnlySpan<long> ids, ReadOnlySpan<float> tdErrors);
}
