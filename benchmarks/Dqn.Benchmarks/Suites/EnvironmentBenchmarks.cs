using BenchmarkDotNet.Attributes;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Suites;

/// <summary>CarRacing with random actions: a step, an observation, a reset, and the notebook's whole pipeline.</summary>
[MemoryDiagnoser]
public class EnvironmentBenchmarks
{
    private readonly Pcg64 _random = new(1);
    private CarRacingEnvironment _bare = null!;
    private FrameStack _pipeline = null!;
    private byte[] _frame = null!;
    private byte[] _stack = null!;

    [GlobalSetup]
    public void Build()
    {
        _bare = new CarRacingEnvironment();
        _pipeline = new PixelPipeline().Create();
        _frame = new byte[_bare.Spec.ObservationBytes];
        _stack = new byte[_pipeline.Spec.ObservationBytes];
        _bare.Reset(1);
        _pipeline.Reset(1);

        // Past the first second, in which the camera comes down from above the whole track.
        for (int i = 0; i < 100; i++)
            Step(_bare);
    }

    [GlobalCleanup]
    public void Free()
    {
        _bare.Dispose();
        _pipeline.Dispose();
    }

    /// <summary>One frame, not looked at.</summary>
    [Benchmark]
    public void Step() => Step(_bare);

    /// <summary>One frame, looked at.</summary>
    [Benchmark]
    public void StepAndObserve()
    {
        Step(_bare);
        _bare.Observe(_frame);
    }

    /// <summary>Looking at a frame.</summary>
    [Benchmark]
    public void Observe() => _bare.Observe(_frame);

    /// <summary>Four frames, one observation: what an agent does.</summary>
    [Benchmark(OperationsPerInvoke = 1)]
    public void PipelineStep()
    {
        Step(_pipeline);
        _pipeline.Observe(_stack);
    }

    /// <summary>A new track, its car and the first frame.</summary>
    [Benchmark]
    public void Reset()
    {
        _bare.Reset();
        _bare.Observe(_frame);
    }

    private void Step(IEnvironment environment)
    {
        if (environment.Step(_random.Integer(5)).Ended)
            environment.Reset();
    }
}
