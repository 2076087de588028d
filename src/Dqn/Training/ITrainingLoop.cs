using System.Text.Json.Nodes;

namespace Dqn.Training;

/// <summary>
/// Where a training's steps come from: <see cref="TrainingLoop"/> makes them in environments of this process; others may
/// take them from elsewhere. What follows from a step is learnt before it is given out. Not safe for concurrent use.
/// </summary>
public interface ITrainingLoop
{
    /// <summary>How many agent steps have been made and taken in, over all resumptions.</summary>
    long Steps { get; }

    /// <summary>How many episodes have ended.</summary>
    long Episodes { get; }

    /// <summary>Makes a step, or waits for the next, and learns where that is due.</summary>
    /// <param name="cancellationToken">Ends the waiting; a step that has begun ends by itself.</param>
    /// <exception cref="OperationCanceledException">It was ended, and no step has been counted.</exception>
    TrainingStep Step(CancellationToken cancellationToken);

    /// <summary>What the environments are, as data.</summary>
    JsonObject DescribeEnvironments();

    /// <summary>Writes where the training stands, between two steps; the learner's state is the learner's to write.</summary>
    void SaveState(BinaryWriter writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The state is damaged or of other environments.</exception>
    void LoadState(BinaryReader reader);
}
