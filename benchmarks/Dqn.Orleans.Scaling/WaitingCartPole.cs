using Dqn.Environments;

namespace Dqn.Benchmarks;

/// <summary>CartPole of a simulator that waits: each step takes 5 ms, but no processor.</summary>
internal sealed class WaitingCartPole() : EnvironmentWrapper(new CartPoleEnvironment().WithTimeLimit(500))
{
    public const int Milliseconds = 5;

    public override StepResult Step(int action)
    {
        Thread.Sleep(Milliseconds);
        return base.Step(action);
    }
}
