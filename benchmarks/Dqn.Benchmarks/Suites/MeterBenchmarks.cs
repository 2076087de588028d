using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Benchmarks.Suites;

/// <summary>
/// What the meter "Dqn" costs: reporting a step of training without a listener, which the 0.5 % of a step that it may take
/// are counted of, and with one, beside a whole step of the smallest task there is.
/// </summary>
[MemoryDiagnoser]
public class MeterBenchmarks
{
    private static readonly TrainingStep s_step = new(
        1, 0, 1, false, false, new LearnResult(0.5f, 1, 0.1f, 2), new EpisodeSummary(200, 200, true, false, 200), 0);

    private CartPoleEnvironment _environment = null!;
    private DqnAgent _agent = null!;
    private TrainingLoop _loop = null!;
    private MeterListener? _listener;
    private double _heard;

    [Params(false, true)]
    public bool Listened { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _environment = new CartPoleEnvironment();
        DqnOptions options = Trainer.OptionsFor(_environment.Spec, 50_000) with { Network = new QNetworkOptions { Threads = 1 } };
        _agent = DqnAgent.Create(_environment.Spec, options, seed: 1);
        _loop = new TrainingLoop(_agent, _environment, seed: 1);
        _loop.Run(2_000);
        if (!Listened)
            return;
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Dqn")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _heard += value);
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _heard += value);
        _listener.Start();
    }

    [GlobalCleanup]
    public void Free()
    {
        _listener?.Dispose();
        _agent.Dispose();
        _environment.Dispose();
    }

    [Benchmark]
    public void Report() => TrainingMeter.Record(s_step, 1);

    [Benchmark]
    public void StepOfCartPole() => _loop.Run(1);
}
