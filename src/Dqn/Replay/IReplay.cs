namespace Dqn.Replay;

/// <summary>
/// What an agent remembers and learns from: transitions are added as they come, batches of them sampled.
/// <see cref="ReplayBuffer"/> draws all alike, <see cref="PrioritizedReplayBuffer"/> prefers those with large errors. Each
/// environment that acts for the learner has a lane of its own. Not safe for concurrent use.
/// </summary>
public interface IReplay : IReplaySource, IReplayState
{
    /// <summary>How many frames' transitions are kept, over all lanes.</summary>
    long Capacity { get; }

    /// <summary>How many environments' episodes are kept apart.</summary>
    int Lanes { get; }

    /// <summary>
    /// Starts an episode. If the one before was not over, it is cut off where it stands, as if its last transition had
    /// been truncated; if nothing had been added to it, it is forgotten.
    /// </summary>
    /// <param name="observation">
    /// [<see cref="IReplaySource.ObservationBytes"/>], the first observation: one frame repeated over the whole stack.
    /// </param>
    /// <param name="lane">Which environment's episode, 0 … <see cref="Lanes"/> − 1.</param>
    /// <param name="legalActions">
    /// [<see cref="IReplaySource.MaskedActions"/>]: which actions are legal at this observation, at least one of them.
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
    /// [<see cref="IReplaySource.ObservationBytes"/>], what was observed then, oldest frame first; only its newest frame is stored.
    /// </param>
    /// <param name="lane">Which environment's step, 0 … <see cref="Lanes"/> − 1.</param>
    /// <param name="nextLegalActions">
    /// [<see cref="IReplaySource.MaskedActions"/>]: which actions are legal then; may be none, or empty, where the task has ended.
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
}
