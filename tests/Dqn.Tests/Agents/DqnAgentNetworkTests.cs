using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Agents;

/// <summary>The agent with the real network.</summary>
public sealed class DqnAgentNetworkTests
{
    private const int Size = 12;

    private static readonly EnvironmentSpec Pixels = new()
    {
        Name = "Pixels",
        ObservationShape = [2, Size, Size],
        ElementType = ElementType.Byte,
        ActionCount = 3,
        StackedFrames = 2,
    };

    private static readonly DqnOptions Quick = new()
    {
        WarmupSteps = 40,
        BatchSize = 16,
        BufferCapacity = 200,
        TargetUpdatePeriod = 100,
        Epsilon = new EpsilonSchedule(1, 0.1, 300),
    };

    [Test]
    public void SameSeedSameWeightsAfter500UpdatesWhateverTheThreads([Values] bool doubleDqn)
    {
        string[] weights = [.. new[] { 1, 1, 2, 3 }.Select(threads =>
        {
            using DqnAgent agent = SmallConvolutional(Quick with { DoubleDqn = doubleDqn }, threads, seed: 3);
            new Walk(agent).Go(540);
            Assert.That(agent.Updates, Is.EqualTo(500));
            return Hash(agent.Network);
        })];
        Assert.That(weights, Is.All.EqualTo(weights[0]));

        using DqnAgent other = SmallConvolutional(Quick, threads: 1, seed: 4);
        new Walk(other).Go(540);
        Assert.That(Hash(other.Network), Is.Not.EqualTo(weights[0]));
    }

    [TestCase(20)]
    [TestCase(251)]
    public void ALoadedAgentGoesOnBitForBit(int stepsBefore)
    {
        using DqnAgent original = SmallConvolutional(Quick, threads: 1, seed: 5);
        var walk = new Walk(original);
        walk.Go(stepsBefore);
        var memory = new MemoryStream();
        original.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
        using DqnAgent copy = SmallConvolutional(Quick, threads: 1, seed: 6);
        copy.LoadState(new BinaryReader(memory));
        for (int i = 0; i < copy.Replay.SegmentCount; i++)
        {
            var segment = new MemoryStream();
            original.Replay.WriteSegment(i, segment);
            segment.Position = 0;
            if (copy.Replay.SegmentVersion(i) > 0)
                copy.Replay.ReadSegment(i, segment);
        }

        Walk copyWalk = walk.On(copy);
        copyWalk.Go(200);
        walk.Go(200);
        Assert.That(Hash(copy.Network), Is.EqualTo(Hash(original.Network)));
    }

    [Test]
    public void NothingIsAllocatedInSteadyState()
    {
        // Synchronising compares architectures, which allocates a little, once every so many steps: not here.
        using DqnAgent agent = SmallConvolutional(
            Quick with { DoubleDqn = true, TargetUpdatePeriod = 10_000 }, threads: 2, seed: 7);
        var walk = new Walk(agent);
        walk.Go(300);
        Assert.That(Allocations.Of(() => walk.Go(100)), Is.Zero);
    }

    [Test]
    public void LearnsAChainFromFloats([Values] bool doubleDqn)
    {
        // Six places in a row, one-hot; action 1 moves right, 0 left; the right end gives 1 and terminates.
        const int Places = 6;
        var spec = new EnvironmentSpec
        {
            Name = "Chain",
            ObservationShape = [Places],
            ElementType = ElementType.Single,
            ActionCount = 2,
        };
        var options = Quick with
        {
            Discount = 0.9,
            DoubleDqn = doubleDqn,
            Epsilon = new EpsilonSchedule(1, 0.5, 500),
            Network = new QNetworkOptions { Optimizer = new AdamOptions { LearningRate = 1e-3 }, Threads = 1 },
        };
        using DqnAgent agent = DqnAgent.Create(spec, options, seed: 1);
        Assert.That(((QNetwork)agent.Network).Architecture, Is.InstanceOf<MlpActionValue>());
        var observation = new float[Places];
        int place = 0;
        agent.Begin(See(0));
        for (int step = 1; step <= 2000; step++)
        {
            int action = agent.Act(See(place));
            place = Math.Max(0, place + (action == 1 ? 1 : -1));
            bool terminated = place == Places - 1, truncated = !terminated && step % 50 == 0;
            agent.Observe(action, terminated ? 1 : 0, terminated, truncated, See(place));
            if (terminated || truncated)
                agent.Begin(See(place = 0));
        }

        var values = new float[2];
        for (int i = 0; i < Places - 1; i++)
        {
            Assert.That(agent.ActGreedy(See(i)), Is.EqualTo(1), $"place {i}");
            agent.Network.Evaluate(See(i), values);
            Assert.That(values[1], Is.EqualTo(Math.Pow(0.9, Places - 2 - i)).Within(0.05), $"place {i}");
        }

        ReadOnlySpan<byte> See(int at)
        {
            observation.AsSpan().Clear();
            observation[at] = 1;
            return MemoryMarshal.AsBytes(observation.AsSpan());
        }
    }

    [Test]
    public void CreateMakesTheNetworkForTheObservations()
    {
        DqnOptions options = Quick with { Network = new QNetworkOptions { Threads = 1 } };
        EnvironmentSpec frames = Pixels with { ObservationShape = [4, 84, 84], StackedFrames = 4, ActionCount = 5 };
        using DqnAgent agent = DqnAgent.Create(frames, options, seed: 1);
        using DqnAgent same = DqnAgent.Create(frames, options, seed: 1), other = DqnAgent.Create(frames, options, 2);
        Assert.Multiple(() =>
        {
            Assert.That(((QNetwork)agent.Network).Architecture, Is.InstanceOf<CnnActionValue>());
            Assert.That(((QNetwork)agent.Network).Options, Is.EqualTo(options.Network));
            Assert.That(Hash(same.Network), Is.EqualTo(Hash(agent.Network)));
            Assert.That(Hash(other.Network), Is.Not.EqualTo(Hash(agent.Network)));
            Assert.That(
                () => DqnAgent.Create(Pixels with { ObservationShape = [84, 84, 3], StackedFrames = 1 }, options, 1),
                Throws.ArgumentException.With.Message.Contains("[84, 84, 3]"));
            Assert.That(() => DqnAgent.Create(Pixels, options, 1), Throws.ArgumentException); // Too small a frame.
        });
    }

    private static DqnAgent SmallConvolutional(DqnOptions options, int threads, ulong seed)
    {
        var architecture = new Sequential(
            [2, Size, Size],
            pixels: true,
            [
                new Conv2d("conv1", 8, 4, 2), new Relu(), new Conv2d("conv2", 8, 3), new Relu(), new Flatten(),
                new Linear("fc1", 32), new Relu(), new Linear("fc2", 3),
            ]);
        var network = new QNetwork(architecture, new Pcg64(seed), new QNetworkOptions { Threads = threads });
        return new DqnAgent(network, Pixels, options, seed);
    }

    private static string Hash(IQNetwork network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string _, Tensor tensor) in network.GetStateDict())
            hash.AppendData(tensor.Data);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Frames in which a bright pixel moves as the actions say, in short episodes.</summary>
    private sealed class Walk(DqnAgent agent)
    {
        private readonly byte[] _observation = new byte[2 * Size * Size];
        private int _step;
        private int _at;

        /// <summary>Another agent in the same place.</summary>
        public Walk On(DqnAgent other)
        {
            var walk = new Walk(other) { _step = _step, _at = _at };
            _observation.CopyTo(walk._observation, 0);
            return walk;
        }

        public void Go(int steps)
        {
            for (int i = 0; i < steps; i++)
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
                agent.Observe(action, _at > 100 ? 1 : -0.2, _step % 46 == 0, _step % 23 == 0, _observation);
            }
        }
    }
}
