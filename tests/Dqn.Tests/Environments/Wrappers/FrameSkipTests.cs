using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class FrameSkipTests
{
    [Test]
    public void RepeatsTheActionAndAddsUpTheRewards()
    {
        var inner = new CountingEnvironment();
        var environment = inner.WithFrameSkip(4);
        environment.Reset();
        Assert.That(environment.Step(2), Is.EqualTo(new StepResult(0.5 + 0.25 + 0.125 + 0.0625, false, false)));
        Assert.That(inner.Actions, Is.EqualTo((int[])[2, 2, 2, 2]));
    }

    [Test]
    public void StopsWhereTheEpisodeEnds()
    {
        var inner = new CountingEnvironment(6);
        var environment = inner.WithFrameSkip(4);
        environment.Reset();
        environment.Step(1);
        Assert.That(environment.Step(0), Is.EqualTo(new StepResult(Math.Pow(2, -5) + Math.Pow(2, -6), true, false)));
        Assert.That(inner.Frame, Is.EqualTo(6));
        Assert.That(() => environment.Step(0), Throws.InvalidOperationException);
    }

    [Test]
    public void StopsWhereTheTimeIsUp()
    {
        var inner = new CountingEnvironment();
        var environment = inner.WithTimeLimit(6).WithFrameSkip(4);
        environment.Reset();
        environment.Step(1);
        Assert.That(environment.Step(0), Is.EqualTo(new StepResult(Math.Pow(2, -5) + Math.Pow(2, -6), false, true)));
        Assert.That(inner.Frame, Is.EqualTo(6));
    }

    [Test]
    public void SkippedFramesAreNotDrawn()
    {
        var inner = new CountingEnvironment();
        var environment = inner.WithNoOpStart(50).WithFrameSkip(4).WithFrameStack(4);
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Reset();
        environment.Observe(observation);
        for (int i = 0; i < 10; i++)
        {
            environment.Step(1);
            environment.Observe(observation);
            environment.Observe(observation);
        }

        Assert.That(inner.Frame, Is.EqualTo(90));
        Assert.That(inner.Observed, Is.EqualTo(11));
    }

    [Test]
    public void LessThanOneFrameIsRefused() => Assert.That(
        () => new CountingEnvironment().WithFrameSkip(0), Throws.TypeOf<ArgumentOutOfRangeException>());
}
