using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Dqn.Trajectory;

namespace Dqn.Tests.CarRacing;

/// <summary>
/// The same bytes on every machine: a long trajectory has the hash that Gymnasium's has, here and in processes that are
/// denied the processor's vector instructions and fused multiply-adds, and whose C library is, where that is glibc.
/// </summary>
public class PortabilityTests
{
    // Printed by tests/Dqn.Trajectory/reference.py: Gymnasium 1.4.0, pybox2d 2.3.10, pygame 2.1.2.
    private const string Reference = "0214ee0b78c03926a78e34449ee37058f258efa000e6acc1865d987b60abebc6";

    // This library's own, once the golden files were equal.
    private const string Own = "456ada5130c44e66bd633825ccec93d748ad9a2fdcebccabd689c2d308a9688e";

    private const int Frames = 2700;

    [Test]
    public void TheTrajectoryIsGymnasiums()
    {
        TrajectoryHash hash = TrajectoryHash.Compute();
        Assert.Multiple(() =>
        {
            Assert.That(hash.Frames, Is.EqualTo(Frames));
            Assert.That(hash.Reference, Is.EqualTo(Reference));
            Assert.That(hash.Own, Is.EqualTo(Own));
        });
    }

    [TestCase(0, "EnableHWIntrinsic")]
    [TestCase(128, "EnableAVX2", "EnableFMA")]
    public void ItIsTheSameWithoutHardwareIntrinsics(int widestVector, params string[] switchedOff)
    {
        var start = new ProcessStartInfo(DotNet())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "exec", typeof(TrajectoryHash).Assembly.Location },
        };
        foreach (string name in switchedOff)
            start.Environment["DOTNET_" + name] = "0";

        // glibc, where that is the C library, does without them too.
        start.Environment["GLIBC_TUNABLES"] = "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, errors.Result);

        string[][] lines =
            [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' '))];
        Assert.Multiple(() =>
        {
            // The switches did something.
            Assert.That(int.Parse(lines[0][1], CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(widestVector));
            Assert.That(lines[1], Is.EqualTo((string[])["frames", $"{Frames}"]));
            Assert.That(lines[2], Is.EqualTo((string[])["reference", Reference]));
            Assert.That(lines[3], Is.EqualTo((string[])["own", Own]));
        });
    }

    // The host of the runtime that runs this test: …/dotnet beside …/shared/Microsoft.NETCore.App/10.0.0.
    private static string DotNet() => Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..",
        OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
