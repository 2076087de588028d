namespace Dqn.Orleans.Messages;

/// <summary>Whether transitions may be inserted now.</summary>
/// <param name="Granted">They may; false: it was waited in vain, ask again.</param>
/// <param name="Epoch">The life of the learner that says so; a report has to name the same.</param>
/// <param name="Steps">How many agent steps the training has made.</param>
/// <param name="WeightsVersion">The version of the newest weights.</param>
[GenerateSerializer, Immutable, Alias("Dqn.InsertPermit")]
internal readonly record struct InsertPermit(
    [property: Id(0)] bool Granted, [property: Id(1)] Guid Epoch, [property: Id(2)] long Steps,
    [property: Id(3)] long WeightsVersion);
