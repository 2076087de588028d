using Dqn.Orleans.Messages;

namespace Dqn.Orleans.Learner;

/// <summary>
/// The learner as the machines that act see it. There is one in the cluster, on a silo that was given a
/// <see cref="DistributedTraining"/>; where its silo dies, the next call starts it on another such silo, from the last
/// checkpoint.
/// </summary>
[Alias("Dqn.Learner")]
internal interface ILearnerGrain : IGrainWithStringKey
{
    /// <summary>A machine's heartbeat.</summary>
    [Alias("Report")]
    ValueTask<Assignment> Report(HostReport report);

    /// <summary>The newest weights, where they are newer than what the caller has; else null.</summary>
    [Alias("Weights")]
    ValueTask<WeightsMessage?> Weights(Guid epoch, long have);

    /// <summary>Waits until so many transitions may be inserted, for some seconds at most.</summary>
    [Alias("Reserve")]
    ValueTask<InsertPermit> ReserveInsert(string host, int transitions);

    /// <summary>A shard has taken what was permitted.</summary>
    /// <returns>Whether it counts: false where another life of the learner permitted it.</returns>
    [Alias("Inserted")]
    ValueTask<bool> Inserted(SegmentReport report);

    /// <summary>How the training stands; starts it where it does not run yet.</summary>
    [Alias("Phase")]
    ValueTask<Assignment> Phase();
}
