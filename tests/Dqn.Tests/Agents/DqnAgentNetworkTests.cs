using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Tests.Agents;

/// <summary>The agent with the real network.</summary>
public sealed class DqnAgentNetworkTests
{
    private static readonly DqnOptions Quick = new()
    {
        WarmupSteps = 40,
        BatchSize = 16,
        BufferCapacity = 200,
        TargetUpdatePeriod = 100,
        Epsilon = new EpsilonSchedule(1, 0.1, 300),
    };

    private static readonly ActionValueOptions Everything = new()
    {
        Dueling = true,
        LayerNorm = true,
        Noisy = true,
        Distribution = new CategoricalDistribution(-2, 2, 11),
    };

    [Test]
    public void SameSeedSameWeightsAfter500UpdatesWhateverTheThreads([Values] bool doubleDqn)
    {
        string[] weights = [.. new[] { 1, 1, 2, 3 }.Select(threads =>
        {
            using DqnAgent agent = PixelWalk.Agent(Quick with { DoubleDqn = doubleDqn }, threads, seed: 3);
            new PixelWalk(agent).Go(540);
            Assert.That(agent.Updates, Is.EqualTo(500));
            return PixelWalk.Hash(agent.Network);
        })];
        Assert.That(weights, Is.All.EqualTo(weights[0]));

        using DqnAgent other = PixelWalk.Agent(Quick, threads: 1, seed: 4);
        new PixelWalk(other).Go(540);
        Assert.That(PixelWalk.Hash(other.Network), Is.Not.EqualTo(weights[0]));
    }

    [TestCase(20, false)]
    [TestCase(251, false)]
    [TestCase(251, true)]
    public void ALoadedAgentGoesOnBitForBit(int stepsBefore, bool everything)
    {
        DqnOptions options = everything ? Quick with { Architecture = Everything } : Quick;
        using DqnAgent original = PixelWalk.Agent(options, threads: 1, seed: 5);
        var walk = new PixelWalk(original);
        walk.Go(stepsBefore);
        var memory = new MemoryStream();
        original.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
        using DqnAgent copy = PixelWalk.Agent(options, threads: 1, seed: 6);
        copy.LoadState(new BinaryReader(memory));
        for (int i = 0; i < copy.Replay.SegmentCount; i++)
        {
            var segment = new MemoryStream();
            original.Replay.WriteSegment(i, segment);
            segment.Position = 0;
            if (copy.Replay.SegmentVersion(i) > 0)
                copy.Replay.ReadSegment(i, segment);
        }

        PixelWalk copyWalk = walk.On(copy);
        copyWalk.Go(200);
        walk.Go(200);
        Assert.That(PixelWalk.Hash(copy.Network), Is.EqualTo(PixelWalk.Hash(original.Network)));
    }

    [Test]
    public void NothingIsAllocatedInSteadyState([Values] bool everything)
    {
        using DqnAgent agent = PixelWalk.Agent(
            Quick with { DoubleDqn = true, Architecture = everything ? Everything : new() }, threads: 2, seed: 7);
        var walk = new PixelWalk(agent);
        walk.Go(300);
        Assert.That(Allocations.Of(() => walk.Go(100)), Is.Zero);
    }

    private static IEnumerable<TestCaseData> Chains()
    {
        foreach (bool doubleDqn in new[] { false, true })
        {
            yield return Case("plain", new(), doubleDqn);
            yield return Case("dueling", new() { Dueling = true }, doubleDqn);
            yield return Case("normalised", new() { LayerNorm = true }, doubleDqn);
            yield return Case(
                "categorical", new() { Distribution = new CategoricalDistribution(-0.5f, 1.5f, 21) }, doubleDqn);
            yield return Case("quantiles", new() { Distribution = new QuantileDistribution(8) }, doubleDqn);
            yield return Case(
                "implicit quantiles", new() { Distribution = new ImplicitQuantileDistribution(8, 4) }, doubleDqn);
            yield return Case("noisy", new() { Noisy = true }, doubleDqn);
        }

        static TestCaseData Case(string name, ActionValueOptions options, bool doubleDqn) =>
            new TestCaseData(options, doubleDqn).SetArgDisplayNames(name, doubleDqn ? "double" : "single");
    }

    [TestCaseSource(nameof(Chains))]
    public void LearnsAChainFromFloats(ActionValueOptions architecture, bool doubleDqn)
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
            Architecture = architecture,
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
            agent.RecordAndLearn(action, terminated ? 1 : 0, terminated, truncated, See(place));
            if (terminated || truncated)
                agent.Begin(See(place = 0));
        }

        var values = new float[2];
        for (int i = 0; i < Places - 1; i++)
        {
            Assert.That(agent.ActGreedy(See(i)), Is.EqualTo(1), $"place {i}");
            agent.Network.Evaluate(See(i), values);
            Assert.That(
                values[1], Is.EqualTo(Math.Pow(0.9, Places - 2 - i)).Within(architecture.Noisy ? 0.1 : 0.05),
                $"place {i}");
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
        EnvironmentSpec small = PixelWalk.Spec;
        EnvironmentSpec frames = small with { ObservationShape = [4, 84, 84], StackedFrames = 4, ActionCount = 5 };
        using DqnAgent agent = DqnAgent.Create(frames, options, seed: 1);
        using DqnAgent same = DqnAgent.Create(frames, options, seed: 1), other = DqnAgent.Create(frames, options, 2);
        Assert.Multiple(() =>
        {
            Assert.That(((QNetwork)agent.Network).Architecture, Is.InstanceOf<CnnActionValue>());
            Assert.That(((QNetwork)agent.Network).Options, Is.EqualTo(options.Network));
            Assert.That(PixelWalk.Hash(same.Network), Is.EqualTo(PixelWalk.Hash(agent.Network)));
            Assert.That(PixelWalk.Hash(other.Network), Is.Not.EqualTo(PixelWalk.Hash(agent.Network)));
            Assert.That(
                () => DqnAgent.Create(small with { ObservationShape = [84, 84, 3], StackedFrames = 1 }, options, 1),
                Throws.ArgumentException.With.Message.Contains("[84, 84, 3]"));
            using DqnAgent tiny = DqnAgent.Create(small, options, 1);
            Assert.That(((QNetwork)tiny.Network).Architecture, Is.InstanceOf<TinyCnnActionValue>());
            Assert.That(
                () => DqnAgent.Create(small with { ObservationShape = [2, 2, 9] }, options, 1),
                Throws.ArgumentException.With.Message.Contains("at least 3 × 3 pixels, got bytes [2, 2, 9]"));
        });
    }
}
