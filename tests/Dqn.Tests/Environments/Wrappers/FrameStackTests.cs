using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class FrameStackTests
{
    private static byte[] Look(IEnvironment environment)
    {
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Observe(observation);
        return observation;
    }

    [Test]
    public void OldestFirstAndTheFirstFrameFillsTheStack()
    {
        using var environment = new CountingEnvironment(shape: [1, 2]).WithFrameStack(3);
        Assert.That(environment.Spec.ObservationShape, Is.EqualTo((int[])[3, 1, 2]));
        Assert.That(environment.Spec.StackedFrames, Is.EqualTo(3));
        Assert.That(environment.Spec.FrameBytes, Is.EqualTo(2));
        environment.Reset();
        byte[][] expected =
        [
            [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 2, 2], [1, 1, 2, 2, 3, 3], [2, 2, 3, 3, 4, 4],
        ];
        foreach (var stack in expected)
        {
            Assert.That(Look(environment), Is.EqualTo(stack));
            environment.Step(0);
        }

        environment.Reset();
        Assert.That(Look(environment), Is.EqualTo(new byte[6]));
    }

    [Test]
    public void FramesNobodyLookedAtAreInLaterStacks()
    {
        using var environment = new CountingEnvironment(shape: [1]).WithFrameStack(4);
        environment.Reset();
        for (int i = 0; i < 6; i++)
            environment.Step(0);
        Assert.That(Look(environment), Is.EqualTo((byte[])[3, 4, 5, 6]));
    }

    [Test]
    public void LastFrameOfAnEpisodeIsDrawnOnlyForSomeone()
    {
        using var inner = new CountingEnvironment(4);
        using var environment = inner.WithFrameStack(4);
        environment.Reset();
        while (!environment.Step(0).Ended)
        {
        }

        Assert.That(inner.Observed, Is.EqualTo(4));
        environment.Reset();
        Assert.That(inner.Observed, Is.EqualTo(4));
    }

    [Test]
    public void StacksOfStacksAreRefused() => Assert.That(
        () => new CountingEnvironment().WithFrameStack(2).WithFrameStack(2), Throws.ArgumentException);
}
