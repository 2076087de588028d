using BenchmarkDotNet.Attributes;
using Dqn.Agents;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Suites;

/// <summary>Augmenting a batch of 64 observations of four grey frames in place.</summary>
public class AugmentationBenchmarks
{
    private const int Batch = 64, Stack = 4, Size = 84;

    private readonly byte[] _observations = new byte[Batch * Stack * Size * Size];
    private readonly bool[] _mirrored = new bool[Batch];
    private readonly Pcg64 _random = new(1);

    [Benchmark]
    public void Shift() => RandomShift.Apply(_observations, Stack, Size, Size, 4, _random, _observations);

    [Benchmark]
    public void Mirror()
    {
        RandomMirror.Draw(_random, _mirrored);
        RandomMirror.Observations(_mirrored, Size, _observations);
    }
}
