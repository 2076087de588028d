using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class NoOpStartTests
{
    [Test]
    public void EveryEpisodeBeginsWithTheSteps()
    {
        var inner = new CountingEnvironment();
        var environment = inner.WithNoOpStart(5, 1);
        environment.Reset(8);
        Assert.That(inner.Actions, Is.EqualTo((int[])[1, 1, 1, 1, 1]));
        Assert.That(inner.Resets, Is.EqualTo((ulong?[])[8]));
        Assert.That(environment.Step(0).Reward, Is.EqualTo(Math.Pow(2, -6)));
    }

    [Test]
    public void AnEpisodeThatEndsMeanwhileIsFollowedByANewOne()
    {
        // As in the notebook: 3 frames and a new episode, 3 and a new one, then the remaining frame of seven.
        var inner = new CountingEnvironment(3);
        var environment = inner.WithNoOpStart(7);
        environment.Reset(8);
        Assert.That(inner.Resets, Is.EqualTo((ulong?[])[8, null, null]));
        Assert.That(inner.Frame, Is.EqualTo(1));
        Assert.That(environment.Step(0).Ended, Is.False);
        Assert.That(environment.Step(0).Ended, Is.True);
    }

    [Test]
    public void AnActionThatDoesNotExistIsRefused()
    {
        Assert.That(
            () => new CountingEnvironment().WithNoOpStart(5, 3), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CountingEnvironment().WithNoOpStart(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
