using BenchmarkDotNet.Attributes;
using Dqn.Networks;

namespace Dqn.Benchmarks.Engines;

/// <summary>
/// The notebook's network on the built-in engine and on LibTorch. Both operations end with their results in the
/// program's memory, so a GPU has finished when they return.
/// </summary>
[Config(typeof(EngineConfig))]
public class EngineBenchmarks
{
    private const int Actions = 5;

    private IQNetwork _network = null!;
    private byte[] _observations = null!;
    private float[] _values = null!, _targets = null!;
    private int[] _actions = null!;

    [Params(1, 8, 32, 128, 512)]
    public int BatchSize { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [ParamsSource(nameof(Present))]
    public string Engine { get; set; } = "";

    public static IEnumerable<string> Present => Engines.Engine.All.Where(name => Engines.Engine.Missing(name) is null);

    [GlobalSetup]
    public void Build()
    {
        _network = Engines.Engine.Make(
            Engine, new CnnActionValue(4, Actions), new QNetworkOptions { Threads = Threads });
        _observations = new byte[BatchSize * _network.ObservationBytes];
        new Random(1).NextBytes(_observations);
        _values = new float[BatchSize * Actions];
        _actions = [.. Enumerable.Range(0, BatchSize).Select(item => item % Actions)];
        _targets = [.. Enumerable.Range(0, BatchSize).Select(item => item % 7 / 7f)];
    }

    [GlobalCleanup]
    public void Free() => _network.Dispose();

    /// <summary>Bytes in, values out.</summary>
    [Benchmark]
    public void Evaluate() => _network.Evaluate(_observations, _values);

    /// <summary>Bytes in, forward, loss, backward, RMSProp, loss out.</summary>
    [Benchmark]
    public FitResult Fit() => _network.Fit(_observations, _actions, _targets, [], []);
}
