using BenchmarkDotNet.Attributes;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Benchmarks.Suites;

/// <summary>What an agent does in CarRacing with the default options: choosing an action, and a whole learning step.</summary>
[MemoryDiagnoser]
public class LearningBenchmarks
{
    private FrameStack _environment = null!;
    private DqnAgent _agent = null!;
    private byte[] _observation = null!;

    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    public static IEnumerable<int> ThreadCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    [GlobalSetup]
    public void FillReplay()
    {
        _environment = new PixelPipeline().Create();
        _observation = new byte[_environment.Spec.ObservationBytes];

        // A target network that moves a little all the time is never cached: measured is a step that computes all of its
        // values.
        DqnOptions options = new() { TargetUpdateRate = 0.5, Network = new QNetworkOptions { Threads = Threads } };
        _agent = DqnAgent.Create(_environment.Spec, options, seed: 1);
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
            _agent.RecordAndLearn(action, result.Reward, result.Terminated, result.Truncated, _observation);
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

    [Benchmark]
    public LearnResult Learn() => _agent.Learn();
}
