using Dqn.Threading;

namespace Dqn.Tests.Threading;

/// <summary>Worker threads for tests that want more than the machine has processors for.</summary>
internal static class TestPool
{
    public static WorkerPool ManyThreads { get; } = new(8, TimeSpan.FromSeconds(10));
}
