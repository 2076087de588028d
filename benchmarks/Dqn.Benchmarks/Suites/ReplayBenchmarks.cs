using BenchmarkDotNet.Attributes;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Threading;

namespace Dqn.Benchmarks.Suites;

/// <summary>Sampling a batch of stacked observations from a full buffer, and adding a transition to it.</summary>
[MemoryDiagnoser]
public class ReplayBenchmarks
{
    private const int FrameBytes = 84 * 84, Stack = 4, EpisodeSteps = 238;
    private const long Capacity = 100_000;

    private readonly byte[] _observation = new byte[FrameBytes * Stack];
    private readonly Pcg64 _random = new(1);
    private WorkerTeam _team = null!;
    private IReplay _replay = null!;
    private TransitionBatch _batch = null!;
    private long _added;

    [Params(32, 256)]
    public int BatchSize { get; set; }

    [Params(false, true)]
    public bool Prioritized { get; set; }

    /// <summary>Threads that share the copying, as an agent's network's do.</summary>
    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    public static IEnumerable<int> ThreadCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    [GlobalSetup]
    public void Fill()
    {
        _team = new WorkerTeam(Threads);
        var buffer = new ReplayBuffer(Capacity, FrameBytes, Stack) { Team = _team };
        _replay = Prioritized ? new PrioritizedReplayBuffer(buffer, null) : buffer;
        _batch = new TransitionBatch(BatchSize, FrameBytes * Stack);
        for (long i = 0; i < Capacity + Stack; i++)
            Add();
    }

    [GlobalCleanup]
    public void Free() => _team.Dispose();

    [Benchmark]
    public void Sample() => _replay.Sample(_random, _batch);

    [Benchmark]
    public void Add()
    {
        if (_added % EpisodeSteps == 0)
            _replay.Begin(_observation);
        _added++;
        _replay.Add(1, 0.5f, terminated: false, truncated: _added % EpisodeSteps == 0, _observation);
    }
}
