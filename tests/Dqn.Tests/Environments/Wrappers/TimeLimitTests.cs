using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class TimeLimitTests
{
    [Test]
    public void CutsTheEpisodeOff()
    {
        using var environment = new CountingEnvironment().WithTimeLimit(3);
        environment.Reset();
        Assert.That(environment.Step(0).Ended, Is.False);
        Assert.That(environment.Step(0).Ended, Is.False);
        Assert.That(environment.Step(0), Is.EqualTo(new StepResult(0.125, false, true)));
        Assert.That(() => environment.Step(0), Throws.InvalidOperationException);
        environment.Reset();
        Assert.That(environment.Step(0).Ended, Is.False);
    }

    [Test]
    public void AnEpisodeThatEndsAtTheLimitIsBoth()
    {
        using var environment = new CountingEnvironment(3).WithTimeLimit(3);
        environment.Reset();
        environment.Step(0);
        environment.Step(0);
        Assert.That(environment.Step(0), Is.EqualTo(new StepResult(0.125, true, true)));
    }

    [Test]
    public void NoOpFramesCount()
    {
        using var environment = new CountingEnvironment().WithTimeLimit(10).WithNoOpStart(8);
        environment.Reset();
        Assert.That(environment.Step(0).Truncated, Is.False);
        Assert.That(environment.Step(0).Truncated, Is.True);
    }

    [Test]
    public void StateOfAnotherLimitIsRefused()
    {
        using var three = new CountingEnvironment().WithTimeLimit(3);
        using var four = new CountingEnvironment().WithTimeLimit(4);
        three.Reset();
        using var memory = new MemoryStream();
        EnvironmentState.Save(three, new BinaryWriter(memory));
        memory.Position = 0;
        Assert.That(
            () => EnvironmentState.Load(four, new BinaryReader(memory)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("frames was 3, is 4"));
    }

    [Test]
    public void StateOfOtherWrappersIsRefused()
    {
        using var limited = new CountingEnvironment().WithTimeLimit(3);
        using var watched = new CountingEnvironment().WithStatistics();
        limited.Reset();
        using var memory = new MemoryStream();
        EnvironmentState.Save(limited, new BinaryWriter(memory));
        memory.Position = 0;
        Assert.That(
            () => EnvironmentState.Load(watched, new BinaryReader(memory)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("kind was \"TimeLimit\", is \"EpisodeStatistics\""));
    }
}
