using BenchmarkDotNet.Attributes;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Suites;

/// <summary>
/// Eight CarRacings with random actions on one thread and on all: a step of each, four frames long, with the batch of
/// observations. New episodes begin within the steps.
/// </summary>
[MemoryDiagnoser]
public class VectorEnvironmentBenchmarks
{
    private const int N = 8;

    private readonly Pcg64 _random = new(1);
    private readonly int[] _actions = new int[N];
    private readonly StepResult[] _results = new StepResult[N];
    private VectorEnvironment _vector = null!;
    private byte[] _observations = null!;

    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    public static IEnumerable<int> ThreadCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    [GlobalSetup]
    public void Build()
    {
        _vector = new VectorEnvironment(
            N, _ => new PixelPipeline().Create(), AutoresetMode.SameStep, Threads);
        _observations = new byte[_vector.ObservationBytes];
        _vector.Reset(1);
    }

    [GlobalCleanup]
    public void Free() => _vector.Dispose();

    /// <summary>Per environment and step, that is, per four frames and one observation.</summary>
    [Benchmark(OperationsPerInvoke = N)]
    public void StepAndObserve()
    {
        foreach (ref int action in _actions.AsSpan())
            action = _random.Integer(5);
        _vector.Step(_actions, _results, _observations);
    }
}
