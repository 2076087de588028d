using Dqn.Randomness;

namespace Dqn.Replay;

/// <summary>
/// What a learner samples batches of transitions from, wherever they lie: in a buffer of this process, or spread over
/// other machines. Not safe for concurrent use.
/// </summary>
public interface IReplaySource
{
    /// <summary>
    /// The buffer in this process's memory that holds the transitions, so that a learner beside it can read single frames
    /// instead of copies; null where they lie elsewhere, on other machines say.
    /// </summary>
    ReplayBuffer? Local { get; }

    /// <summary>How many transitions can be sampled now.</summary>
    long Count { get; }

    /// <summary>The bytes of a whole observation.</summary>
    int ObservationBytes { get; }

    /// <summary>How many actions' legality is kept with each observation; 0: all actions are always legal.</summary>
    int MaskedActions { get; }

    /// <summary>Whether what is sampled depends on <see cref="UpdatePriorities"/>.</summary>
    bool IsPrioritized { get; }

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
