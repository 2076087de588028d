using Dqn.Replay;

namespace Dqn.Tests.Replay;

internal static class TransitionBatchAssertions
{
    /// <summary>Asserts that item <paramref name="i"/> of the batch is the twin's transition, whatever its id.</summary>
    public static void AssertEqual(
        this TransitionBatch batch, int i, NaiveReplay.Transition expected, float tolerance = 0)
    {
        int bytes = batch.ObservationBytes;
        Assert.That(batch.Observations.Slice(i * bytes, bytes).SequenceEqual(expected.Observation), "observation");
        Assert.That(batch.NextObservations.Slice(i * bytes, bytes).SequenceEqual(expected.NextObservation), "next");
        Assert.That(
            (batch.Actions[i], batch.Terminated[i]), Is.EqualTo((expected.Action, expected.Terminated)));
        Assert.That(batch.Rewards[i], Is.EqualTo(expected.Reward).Within(tolerance), "reward");
    }
}
