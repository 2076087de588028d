using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// Makes updates: from a sampled batch to one optimizer step of the online network, the targets included. What is
/// sampled, priorities, schedules, the target network's synchronisation and the evaluated average are the agent's.
/// </summary>
public interface IUpdater : IDisposable
{
    /// <summary>
    /// Which observations it wants to find in a batch; what it does not, it has or rebuilds by the batch's numbers.
    /// </summary>
    BatchObservations Observations { get; }

    /// <summary>
    /// What the last update found, where <see cref="Update"/> has not returned it yet; else null. Part of the agent's
    /// saved state, and set when that is loaded.
    /// </summary>
    LearnResult? Unreported { get; set; }

    /// <summary>Computes the batch's targets and moves the online network towards them by one optimizer step.</summary>
    /// <param name="batch">
    /// Sampled just now, its actions and masks mirrored where they are to be; rewards and observations may be overwritten.
    /// </param>
    /// <param name="augmentation">
    /// What is to be done to the observations, or null; it has been where the batch has both of them.
    /// </param>
    /// <param name="tdErrors">Destination, [batch]: target − value before the step; or empty if not wanted.</param>
    /// <returns>
    /// What the update found. Where <paramref name="tdErrors"/> are not wanted, an engine may return what the update
    /// before found, so as not to wait for this one; the first one returns its own in any case.
    /// </returns>
    LearnResult Update(TransitionBatch batch, Augmentation? augmentation, Span<float> tdErrors);
}
