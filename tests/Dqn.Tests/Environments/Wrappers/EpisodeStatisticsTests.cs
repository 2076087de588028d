using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class EpisodeStatisticsTests
{
    [Test]
    public void CountsEveryRewardTheNoOpFramesToo()
    {
        using var environment = new CountingEnvironment(8).WithStatistics().WithNoOpStart(3).WithFrameSkip(4);
        var statistics = environment.Find<EpisodeStatistics>()!;
        environment.Reset();
        Assert.That((statistics.Return, statistics.Frames), Is.EqualTo((0.875, 3)));
        environment.Step(0);
        var last = environment.Step(0);
        Assert.That(last.Ended, Is.True);
        Assert.That((statistics.Return, statistics.Frames), Is.EqualTo((255 / 256.0, 8)));
        Assert.That(statistics.Last, Is.EqualTo(new StepResult(1 / 256.0, true, false)));
        environment.Reset();
        Assert.That((statistics.Return, statistics.Frames), Is.EqualTo((0.875, 3)));
    }

    [Test]
    public void FindWalksInwards()
    {
        var inner = new CountingEnvironment();
        var environment = inner.WithTimeLimit(5).WithFrameSkip(2);
        Assert.That(environment.Find<FrameSkip>(), Is.SameAs(environment));
        Assert.That(environment.Find<TimeLimit>(), Is.SameAs(environment.Inner));
        Assert.That(environment.Find<CountingEnvironment>(), Is.SameAs(inner));
        Assert.That(environment.Find<FrameStack>(), Is.Null);
        environment.Dispose();
        Assert.That(inner.Disposed, Is.True);
    }
}
