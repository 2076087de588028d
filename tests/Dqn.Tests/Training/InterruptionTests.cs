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
        if (signal == "HUP" && IsIgnored(1))
            Assert.Ignore("This process was started with SIGHUP ignored, by nohup say, so the signal cannot arrive.");
        using var interruption = new Interruption();
        Assert.That(interruption.Token.IsCancellationRequested, Is.False);
        using (var kill = Process.Start("kill", [$"-{signal}", $"{Environment.ProcessId}"]))
            kill.WaitForExit();
        Assert.That(() => interruption.Token.IsCancellationRequested, Is.True.After(20_000, 10));
    }

    // In Linux's words: a bit for each signal, the first for SIGHUP.
    private static bool IsIgnored(int signal)
    {
        const string Status = "/proc/self/status", Field = "SigIgn:";
        if (!File.Exists(Status))
            return false;
        string ignored = File.ReadLines(Status).Single(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        return (Convert.ToUInt64(ignored.Trim(), 16) >> (signal - 1) & 1) != 0;
    }
}
