using Dqn.Environments;

namespace Dqn.Agents;

/// <summary>
/// A learner that acts, in one environment or several at once: what <see cref="Training.TrainingLoop"/> drives. For each
/// episode <see cref="Begin"/>, then <see cref="Act"/> and <see cref="RecordAndLearn"/> in turn until it ends.
/// </summary>
/// <example><code>
/// IAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1); // or one of another algorithm
/// var loop = new TrainingLoop(agent, environment, seed: 1);
/// loop.Run(steps: 10_000);
/// </code></example>
public interface IAgent : ILearner
{
    /// <summary>How many environments it acts in, at least 1.</summary>
    int Environments { get; }

    /// <summary>Starts an episode; one that is under way is cut off as by truncation.</summary>
    /// <param name="observation">The first observation, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="environment">Whose, 0 … <see cref="Environments"/> − 1.</param>
    /// <param name="legalActions">
    /// [actions], which are legal here; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">The observation or the mask is not a possible one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such environment.</exception>
    void Begin(ReadOnlySpan<byte> observation, int environment = 0, ReadOnlySpan<bool> legalActions = default);

    /// <summary>Chooses a legal action for training in each environment.</summary>
    /// <param name="observations">
    /// The current observations, [<see cref="Environments"/>, <see cref="EnvironmentSpec.ObservationBytes"/>].
    /// </param>
    /// <param name="actions">Destination, [<see cref="Environments"/>].</param>
    /// <param name="legalActions">
    /// [<see cref="Environments"/>, actions], which are legal; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false
    /// nothing.
    /// </param>
    /// <exception cref="ArgumentException">A span has another length, or somewhere no action is legal.</exception>
    void Act(ReadOnlySpan<byte> observations, Span<int> actions, ReadOnlySpan<bool> legalActions = default);

    /// <summary>Takes in what came of an action, and learns where that is due.</summary>
    /// <param name="action">The action taken at the observation before, 0 … actions − 1.</param>
    /// <param name="reward">What it gave, finite in single precision.</param>
    /// <param name="terminated">The task ended: nothing is bootstrapped from the next observation.</param>
    /// <param name="truncated">The episode was cut off: the next observation still has a value.</param>
    /// <param name="nextObservation">What was observed then, [<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="environment">Whose step, 0 … <see cref="Environments"/> − 1.</param>
    /// <param name="nextLegalActions">
    /// [actions], which are legal then, where the task has ended maybe none; nothing where
    /// <see cref="EnvironmentSpec.HasIllegalActions"/> is false.
    /// </param>
    /// <returns>What was learnt, or null where no update was due.</returns>
    /// <exception cref="ArgumentException">Something is not a possible step of the task: the message says what.</exception>
    /// <exception cref="InvalidOperationException">No episode has begun since the last one ended.</exception>
    /// <exception cref="TrainingDivergedException">An update found numbers that are not finite.</exception>
    LearnResult? RecordAndLearn(
        int action, double reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation,
        int environment = 0, ReadOnlySpan<bool> nextLegalActions = default);
}
