using BenchmarkDotNet.Attributes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Environments.CarRacing;

namespace Dqn.Benchmarks;

/// <summary>What an agent does in CarRacing with the default options: choosing an action, and a whole learning step.</summary>
[MemoryDiagnoser]
public class LearningBenchmarks
{
    private FrameStack _environment = null!;
    private DqnAgent _agent = null!;
    private byte[] _observation = null!;

    [GlobalSetup]
    public void FillReplay()
    {
        _environment = CarRacingEnvironment.CreatePixelPipeline();
        _observation = new byte[_environment.Spec.ObservationBytes];
        _agent = DqnAgent.Create(_environment.Spec, new DqnOptions(), seed: 1);
        StepResult result = new(0, Terminated: true, Truncated: false);
        _environment.Reset(1);
        while (_agent.Steps < _agent.Options.WarmupSteps)
        {
            if (result.Ended)
            {
                _environment.Reset();
                _environment.Observe(_observation);
                _agent.Begin(_observation);
            }

            int action = _agent.Act(_observation);
            result = _environment.Step(action);
            _environment.Observe(_observation);
            _agent.Observe(action, result.Reward, result.Terminated, result.Truncated, _observation);
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _agent.Dispose();
        _environment.Dispose();
    }

    [Benchmark]
    public int Act() => _agent.ActGreedy(_observation);

    // Else more and more target values would be cached ones: measured is a step that computes them all.
    [IterationSetup(Target = nameof(Learn))]
    public void Synchronize() => _agent.SynchronizeTarget();

    [Benchmark]
    public LearnResult Learn() => _agent.Learn();
}
