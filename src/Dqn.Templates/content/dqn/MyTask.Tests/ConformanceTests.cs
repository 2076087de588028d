using Dqn.Environments;

namespace MyTask.Tests;

public sealed class ConformanceTests
{
    // Seeds decide everything, observations are complete and finite, states can be saved: what training relies on.
    [Test]
    public void The_environment_keeps_its_promises() => EnvironmentConformance.Check(() => new MyTaskEnvironment());

    [Test]
    public void Reaching_the_goal_ends_the_episode_and_is_rewarded()
    {
        using var environment = new MyTaskEnvironment();
        environment.Reset(seed: 1);
        double sum = 0;
        StepResult result = default;
        while (!result.Ended)
        {
            result = environment.Step(MyTaskEnvironment.TowardsTheGoal(environment));
            sum += result.Reward;
        }

        Assert.That(result.Terminated);
        Assert.That(sum, Is.GreaterThan(0));
    }
}
