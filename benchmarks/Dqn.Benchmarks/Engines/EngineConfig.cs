using System.Collections.Immutable;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Dqn.Benchmarks.Engines;

/// <summary>
/// Three rounds over everything, in each the engines one right after the other: what else the machine does then meets
/// them alike. In this process, since a program that BenchmarkDotNet builds would lack the package that brings LibTorch.
/// </summary>
internal sealed class EngineConfig : ManualConfig
{
    public const int Rounds = 3;

    public EngineConfig()
    {
        for (int round = 1; round <= Rounds; round++)
        {
            AddJob(Job.Default
                .WithId($"round {round}")
                .WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(10), logOutput: false))
                .WithUnrollFactor(1)
                .WithIterationTime(TimeInterval.FromMilliseconds(100))
                .WithWarmupCount(2)
                .WithIterationCount(7));
        }

        Orderer = new RoundByRound();
    }

    private sealed class RoundByRound : DefaultOrderer
    {
        public override IEnumerable<BenchmarkCase> GetExecutionOrder(
            ImmutableArray<BenchmarkCase> benchmarksCase, IEnumerable<BenchmarkLogicalGroupRule>? order = null) =>
            benchmarksCase
                .OrderBy(item => item.Job.Id, StringComparer.Ordinal)
                .ThenBy(item => (int)item.Parameters[nameof(EngineBenchmarks.BatchSize)])
                .ThenBy(item => (int)item.Parameters[nameof(EngineBenchmarks.Threads)])
                .ThenBy(item => item.Descriptor.WorkloadMethod.Name, StringComparer.Ordinal);
    }
}
