using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;

namespace Dqn.Orleans.Actors;

/// <summary>A segment on its way to a shard, and the episodes that ended in it.</summary>
/// <param name="Segment">What the shard gets.</param>
/// <param name="Episodes">What the learner gets besides.</param>
internal readonly record struct FinishedSegment(TransitionSegment Segment, EndedEpisode[] Episodes);
