using System.Reflection;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Environments;
using Dqn.Benchmarks.Gpu;

namespace Dqn.Benchmarks;

/// <summary>What was measured on, as lines of a markdown list.</summary>
internal static class Machine
{
    /// <summary>The processor's name, and how many of it there are.</summary>
    public static string Processor =>
        $"{HostEnvironmentInfo.GetCurrent().Cpu.Value.ProcessorName}, {Environment.ProcessorCount} logical processors";

    /// <summary>The program's version, with the commit that it was built from, where that was a repository.</summary>
    public static string Version => VersionOf(typeof(Machine).Assembly);

    public static void Describe(TextWriter text)
    {
        HostEnvironmentInfo host = HostEnvironmentInfo.GetCurrent();
        string lanes = System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? ", AVX-512" : "";
        text.WriteLine(
            $"- {host.Cpu.Value.ProcessorName}, {Environment.ProcessorCount} logical processors{lanes}; " +
            $"{RuntimeInformation.OSDescription}");
        text.WriteLine(
            $"- {RuntimeInformation.FrameworkDescription}; TorchSharp " +
            $"{VersionOf(typeof(TorchSharp.torch.Tensor).Assembly).Split('+')[0]}; Dqn {Version}");
        text.WriteLine($"- {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; BenchmarkDotNet {host.BenchmarkDotNetVersion}");
    }

    /// <summary>Each GPU with its driver and memory, as NVIDIA's tool says it; else that there is none.</summary>
    public static IEnumerable<string> Gpus()
    {
        Outcome outcome = Outcome.Of(
            "nvidia-smi", ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"], [],
            TimeSpan.FromSeconds(20));
        return outcome is { Problem: null, Lines.Count: > 0 }
            ? outcome.Lines.Select(line => line.Split(", ")).Select(parts => $"{parts[0]}, {parts[^1]}; driver {parts[1]}")
            : [$"no NVIDIA GPU: {outcome.Problem ?? "nvidia-smi names none"}"];
    }

    /// <summary>With the commit that it was built from, where that was a repository.</summary>
    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
