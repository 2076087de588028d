using BenchmarkDotNet.Attributes;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Suites;

/// <summary>MinAtar's games with random actions.</summary>
[MemoryDiagnoser]
public class MinAtarBenchmarks
{
    private readonly Pcg64 _random = new(1);
    private MinAtarEnvironment _environment = null!;
    private byte[] _observation = null!;

    /// <summary>Each of them.</summary>
    [ParamsAllValues]
    public MinAtarGame Game { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _environment = new MinAtarEnvironment(Game);
        _observation = new byte[_environment.Spec.ObservationBytes];
        _environment.Reset(1);
    }

    /// <summary>One step, not looked at.</summary>
    [Benchmark]
    public void Step()
    {
        if (_environment.Step(_random.Integer(6)).Ended)
            _environment.Reset();
    }

    /// <summary>One step, looked at.</summary>
    [Benchmark]
    public void StepAndObserve()
    {
        Step();
        _environment.Observe(_observation);
    }
}
