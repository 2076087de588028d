using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// A network whose engine makes whole updates where it computes, a GPU say, so that batches, targets and errors do not
/// travel between them. Agents make the updates of all others: batch, targets and fit in the processor's memory.
/// </summary>
public interface IUpdatingNetwork : IQNetwork
{
    /// <summary>Makes what updates this network.</summary>
    /// <param name="target">The target network, a clone of this one; its parameters change between updates.</param>
    /// <param name="replay">What batches are sampled from.</param>
    /// <param name="options">The learning rules.</param>
    IUpdater MakeUpdater(IQNetwork target, IReplaySource replay, DqnOptions options);
}
