using System.Diagnostics;
using Dqn.Training;

namespace Dqn.Tests.Training;

// Signals belong to the whole process.
[NonParallelizable]
public class InterruptionTests
{
    [TestCase("INT")]
    [TestCase("TERM")]
    [TestCase("HUP")]
    public void The_first_signal_cancels(string signal)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Windows has no kill.");
        using var interruption = new Interruption();
        Assert.That(interruption.Token.IsCancellationRequested, Is.False);
        using (var kill = Process.Start("kill", [$"-{signal}", $"{Environment.ProcessId}"]))
            kill.WaitForExit();
        Assert.That(() => interruption.Token.IsCancellationRequested, Is.True.After(20_000, 10));
    }
}
