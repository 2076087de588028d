using System.Security.Cryptography;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Threading;

namespace Dqn.Tests.Agents;

/// <summary>A little pixel task for an agent: a bright pixel moves as the actions say, in short episodes.</summary>
internal sealed class PixelWalk(DqnAgent agent)
{
    private const int Size = 12;

    private readonly byte[] _observation = new byte[2 * Size * Size];
    private int _step;
    private int _at;

    public static EnvironmentSpec Spec { get; } = new()
    {
        Name = "Pixels",
        ObservationShape = [2, Size, Size],
        ElementType = ElementType.Byte,
        ActionCount = 3,
        StackedFrames = 2,
    };

    /// <summary>An agent with a small convolutional network.</summary>
    public static DqnAgent Agent(DqnOptions options, int threads, ulong seed) =>
        new(Network(threads, seed, options.Architecture), Spec, options, seed);

    public static QNetwork Network(int threads, ulong seed, ActionValueOptions? options = null)
    {
        options ??= new ActionValueOptions();
        var architecture = new Sequential(
            [2, Size, Size], pixels: true,
            options.Describe([new Conv2d("conv1", 8, 4, 2), new Conv2d("conv2", 8, 3)], [32], 3), options.Distribution);
        return new QNetwork(architecture, new Pcg64(seed), new QNetworkOptions { Threads = threads }, TestPool.ManyThreads);
    }

    public static string Hash(IQNetwork network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string _, Tensor tensor) in network.GetStateDict())
            hash.AppendData(tensor.Data);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Another agent in the same place.</summary>
    public PixelWalk On(DqnAgent other)
    {
        var walk = new PixelWalk(other) { _step = _step, _at = _at };
        _observation.CopyTo(walk._observation, 0);
        return walk;
    }

    public void Go(int steps)
    {
        for (int i = 0; i < steps; i++)
            Step();
    }

    /// <summary>One step of the agent; what it learnt.</summary>
    public LearnResult? Step()
    {
        if (_step++ % 23 == 0)
        {
            _observation.AsSpan().Clear();
            _at = _step % 100;
            _observation[_at] = _observation[Size * Size + _at] = 255;
            agent.Begin(_observation);
        }

        int action = agent.Act(_observation);
        int before = _at;
        _at = (_at + action * 7 + 1) % (Size * Size);
        _observation.AsSpan(Size * Size).CopyTo(_observation);
        _observation[Size * Size + before] = 0;
        _observation[Size * Size + _at] = 255;
        return agent.RecordAndLearn(action, _at > 100 ? 1 : -0.2, _step % 46 == 0, _step % 23 == 0, _observation);
    }
}
