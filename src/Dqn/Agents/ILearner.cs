using System.Text.Json.Nodes;
using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>
/// Who learns in a training run: what a run evaluates, saves and reports of it, whatever its algorithm and wherever its
/// experience comes from. Not safe for concurrent use.
/// </summary>
public interface ILearner : IDisposable
{
    /// <summary>The network that learns.</summary>
    IQNetwork Network { get; }

    /// <summary>The network to be evaluated and kept; often <see cref="Network"/> itself.</summary>
    IQNetwork EvaluationNetwork { get; }

    /// <summary>How many agent steps have been taken in.</summary>
    long Steps { get; }

    /// <summary>How many updates have been made.</summary>
    long Updates { get; }

    /// <summary>The probability of a random action now, the warm-up aside; of several environments the mean.</summary>
    double Epsilon { get; }

    /// <summary>For how many steps nothing is learnt, at least 0.</summary>
    long WarmupSteps { get; }

    /// <summary>What rewards are multiplied with for learning: action values are so much larger than returns.</summary>
    double RewardScale { get; }

    /// <summary>What is remembered and saved in pieces beside <see cref="SaveState"/>; null where nothing is.</summary>
    IReplayState? Memory { get; }

    /// <summary>
    /// How it acts and learns, as data: everything that a resumed run must share, the network aside, which says itself what
    /// it is.
    /// </summary>
    JsonObject Describe();

    /// <summary>Writes everything but the contents of <see cref="Memory"/>'s segments.</summary>
    void SaveState(BinaryWriter writer);

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on one made the same way. The memory's segments have to follow
    /// (<see cref="IReplayState.ReadSegment"/>); then it goes on as the saved one.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The state is damaged or of another learner. This one may have changed in part and should not be used.
    /// </exception>
    void LoadState(BinaryReader reader);
}
