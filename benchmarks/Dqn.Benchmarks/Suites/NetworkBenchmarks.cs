using BenchmarkDotNet.Attributes;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Suites;

/// <summary>The notebook's network: forward, and forward + backward + optimizer, on the built-in engine.</summary>
[MemoryDiagnoser]
public class NetworkBenchmarks
{
    private QNetwork _network = null!;
    private byte[] _observations = null!;
    private float[] _values = null!;
    private int[] _actions = null!;
    private float[] _targets = null!;

    [Params(1, 32, 256)]
    public int BatchSize { get; set; }

    [Params(1, 0)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _network = new QNetwork(new CnnActionValue(4, 5), new Pcg64(1), new QNetworkOptions { Threads = Threads });
        _observations = new byte[BatchSize * _network.ObservationBytes];
        new Random(1).NextBytes(_observations);
        _values = new float[BatchSize * _network.ActionCount];
        _actions = [.. Enumerable.Range(0, BatchSize).Select(item => item % 5)];
        _targets = [.. Enumerable.Range(0, BatchSize).Select(item => item % 7 / 7f)];
    }

    [GlobalCleanup]
    public void Free() => _network.Dispose();

    [Benchmark]
    public void Forward() => _network.Evaluate(_observations, _values);

    [Benchmark]
    public FitResult ForwardBackward() => _network.Fit(_observations, _actions, _targets, [], []);
}
