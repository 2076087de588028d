using Dqn.Environments;

namespace Dqn.Tests.Clusters;

/// <summary>CartPole that takes a while: a simulator that waits for something.</summary>
internal sealed class SlowCartPole(TimeSpan step) : EnvironmentWrapper(CartPoleTraining.Task())
{
    public override StepResult Step(int action)
    {
        Thread.Sleep(step);
        return base.Step(action);
    }
}
