using System.Runtime.CompilerServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Serialization;
using Dqn.Tests.Environments;
using Dqn.Tests.Threading;
using Dqn.Values;

namespace Dqn.Tests.Agents;

/// <summary>
/// What "Beyond the rainbow" and "Bigger, better, faster" have beside the other options: growing horizons, resets, weight
/// decay, and all of it together.
/// </summary>
public sealed class RecipesTests
{
    private static readonly DqnOptions s_all = new()
    {
        WarmupSteps = 40,
        BatchSize = 8,
        BufferCapacity = 200,
        TargetUpdatePeriod = 50,
        Epsilon = new EpsilonSchedule(1, 0.1, 300),
        NStep = 3,
        Discount = 0.99,
        Horizon = new HorizonSchedule { NStep = 8, Discount = 0.9, Updates = 40 },
        Resets = new ResetOptions { Period = 60, Until = 130 },
        Munchausen = new MunchausenOptions(),
        Prioritized = new PrioritizedReplayOptions(),
        EvaluationRisk = 0.5,
        Architecture = new() { Dueling = true, Noisy = true, Distribution = new ImplicitQuantileDistribution(8, 4) },
    };

    [Test]
    public void AHorizonGrowsByEqualFactors()
    {
        HorizonSchedule horizon = new() { NStep = 16, Discount = 0.9, Updates = 100 };
        Assert.That(horizon.At(0, 1, 0.999), Is.EqualTo((16, 0.9)));
        (int nStep, double discount) = horizon.At(50, 1, 0.999);
        Assert.That((nStep, discount), Is.EqualTo((4, 0.99)).Within(1e-12));
        Assert.That(horizon.At(100, 1, 0.999), Is.EqualTo((1, 0.999)));
        Assert.That(horizon.At(1000, 1, 0.999), Is.EqualTo((1, 0.999)));
        Assert.That(new HorizonSchedule { Discount = 1 }.At(5, 3, 1).Discount, Is.EqualTo(1));
        Assert.That(new DqnOptions { NStep = 3 }.LongestReturn(), Is.EqualTo(3));
        Assert.That(new DqnOptions { NStep = 3, Horizon = horizon }.LongestReturn(), Is.EqualTo(16));
    }

    [Test]
    public void ItBeginsAnewAfterEachReset()
    {
        DqnOptions options = s_all with { Horizon = new() { NStep = 9, Updates = 20 }, Resets = new() { Period = 30, Until = 70 } };
        Assert.That(
            new long[] { 0, 20, 29, 30, 50, 60, 75, 89, 90, 500 }.Select(updates => options.HorizonAt(updates).NStep),
            Is.EqualTo(new[] { 9, 3, 3, 9, 3, 9, 4, 3, 3, 3 }));
        Assert.That(Enumerable.Range(0, 200).Where(updates => options.Resets.IsDue(updates)), Is.EqualTo(new[] { 30, 60 }));
    }

    [Test]
    public void TheReplayIsAskedForTheHorizonOfNow()
    {
        // One state of value 0, a reward of 1 each step: the target is the discounted sum over n steps.
        var network = new TabularNetwork(1, 1, 1, 0);
        DqnOptions options = new()
        {
            BatchSize = 1,
            WarmupSteps = 100,
            BufferCapacity = 50,
            NStep = 1,
            Discount = 0.5,
            Horizon = new HorizonSchedule { NStep = 4, Discount = 0.5, Updates = 2 },
        };
        using var agent = new DqnAgent(network, Spec(network), options, seed: 1);
        agent.Begin([0]);
        for (int i = 0; i < 40; i++)
            agent.RecordAndLearn(0, 1, false, false, [0]);
        List<float> targets = [];
        for (int update = 0; update < 3; update++)
        {
            agent.Learn();
            targets.Add(network.LastTargets[0]);
        }

        Assert.That(targets, Is.EqualTo(new[] { 1.875f, 1.5f, 1 }).Within(1e-6));
    }

    [Test]
    public void AResetShrinksImagesAndDrawsTheHeadAnew([Values] bool learnt)
    {
        Sequential architecture = new ImpalaCnnActionValue(2, 3, 12, 12, hidden: 8);
        using QNetwork network = new(architecture, new Pcg64(1), new() { Optimizer = new AdamOptions() });
        if (learnt)
            network.Fit(new byte[2 * 144], [1], [3f], [], []);
        StateDict before = network.GetStateDict();
        using QNetwork drawn = new(architecture, new Pcg64(77));
        network.ShrinkAndPerturb(0.75, 0, seed: 77);
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            float[] old = before[name].ToSingles(), other = drawn.GetStateDict()[name].ToSingles();
            Assert.That(
                tensor.ToSingles(),
                Is.EqualTo(name.StartsWith("section", StringComparison.Ordinal)
                    ? old.Zip(other, (a, b) => 0.75f * a + 0.25f * b) : other).Within(1e-6), name);
        }

        // As a network that never learnt, the optimizer has no memory: its first step is of one size.
        using QNetwork other2 = new(architecture, new Pcg64(5), network.Options);
        other2.LoadStateDict(network.GetStateDict());
        foreach (QNetwork one in new[] { network, other2 })
            one.Fit(new byte[2 * 144], [1], [3f], [], []);
        Assert.That(PixelWalk.Hash(network), Is.EqualTo(PixelWalk.Hash(other2)));
        Assert.That(() => network.ShrinkAndPerturb(1.5, 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => network.ShrinkAndPerturb(0, double.NaN, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void AfterAResetTheTargetNetworkIsTheOnlineOne()
    {
        DqnOptions options = s_all with { TargetUpdatePeriod = 100_000, EvaluationRisk = 1, EvaluationAverage = 0.9 };
        using DqnAgent agent = Agent(options, threads: 1, seed: 2);
        var walk = new PixelWalk(agent);
        walk.Go(40 + 59);
        Assert.That(PixelWalk.Hash(agent.EvaluationNetwork), Is.Not.EqualTo(PixelWalk.Hash(agent.Network)));
        walk.Go(1);
        Assert.That(agent.Updates, Is.EqualTo(60));
        Assert.That(PixelWalk.Hash(agent.EvaluationNetwork), Is.EqualTo(PixelWalk.Hash(agent.Network)));
    }

    [Test]
    public void WeightsDecayByTheLearningRateTimesLambda()
    {
        // Without a gradient nothing else moves them.
        Sequential architecture = new([1], false, [new Linear("a", 1, bias: false)]);
        using QNetwork network = new(
            architecture, new Pcg64(1), new() { Optimizer = new AdamOptions { LearningRate = 0.25, WeightDecay = 0.5 } });
        network.LoadStateDict(new StateDict { { "a.weight", Tensor.FromSingles([8], [1, 1]) } });
        network.Fit(new byte[4], [0], [0f], [], []);
        network.Fit(new byte[4], [0], [0f], [], []);
        Assert.That(network.GetStateDict()["a.weight"].ToSingles()[0], Is.EqualTo(8 * 0.875 * 0.875));
        Assert.That(() => new AdamOptions { WeightDecay = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void AllTogetherSameWeightsWhateverTheThreads()
    {
        string[] weights = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using DqnAgent agent = Agent(s_all, threads, seed: 3);
            new PixelWalk(agent).Go(180);
            return PixelWalk.Hash(agent.Network) + PixelWalk.Hash(agent.EvaluationNetwork);
        })];
        Assert.That(weights, Is.All.EqualTo(weights[0]));
    }

    [TestCase(99)]
    [TestCase(100)] // Just reset.
    [TestCase(131)]
    public void AllTogetherALoadedAgentGoesOnBitForBit(int stepsBefore)
    {
        using DqnAgent original = Agent(s_all, threads: 1, seed: 5), copy = Agent(s_all, threads: 1, seed: 6);
        var walk = new PixelWalk(original);
        walk.Go(stepsBefore);
        var memory = new MemoryStream();
        original.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
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
        copyWalk.Go(60);
        walk.Go(60);
        Assert.That(PixelWalk.Hash(copy.Network), Is.EqualTo(PixelWalk.Hash(original.Network)));
    }

    [Test]
    public void WhatWouldBeIgnoredIsRefused() => Assert.Multiple(() =>
    {
        Refused(s_all with { Horizon = new() { NStep = 3, Discount = 0.99 } }, "nothing would change");
        Refused(s_all with { Discount = 1 }, "below 1");
        Refused(s_all with { Resets = new() { Period = 60, Until = 59 } }, "at least as many");
        var table = new TabularNetwork(1, 1, 1, 0);
        Assert.That(
            () => new DqnAgent(table, Spec(table), new DqnOptions { Resets = new() }, 1),
            Throws.ArgumentException.With.Message.Contains("IResettable").And.Message.Contains("TabularNetwork"));
        Assert.That(() => new HorizonSchedule { NStep = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new HorizonSchedule { Discount = 1.1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new HorizonSchedule { Updates = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ResetOptions { Period = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ResetOptions { Keep = -0.1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ResetOptions { KeepHead = 2 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ResetOptions { Until = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());

        static void Refused(DqnOptions options, string says) => Assert.That(
            () => Agent(options, 1, 1), Throws.ArgumentException.With.Message.Contains(says));
    });

    [Test]
    public void ThePackagesReadmeHasARecipeThatMakesAnAgent()
    {
        using IEnvironment environment = new CountingEnvironment(framesPerEpisode: 40, shape: [64, 48, 3]).WithPixels();

        // <recipe>
        DqnOptions options = new()
        {
            Environments = 64,
            Epsilon = new EpsilonSchedule(1, 0.01, 2_000_000) { Then = new EpsilonSchedule(0.01, 0, 23_000_000) },
            BatchSize = 256,
            UpdatePeriod = 64,
            TargetUpdatePeriod = 32_000,
            NStep = 3,
            Discount = 0.997,
            Munchausen = new MunchausenOptions(),
            Prioritized = new PrioritizedReplayOptions { PriorityExponent = 0.2, ImportanceExponent = 0.45 },
            Architecture = new() { Dueling = true, Noisy = true, Distribution = new ImplicitQuantileDistribution(8) },
            Network = new()
            {
                Optimizer = new AdamOptions { LearningRate = 1e-4, Epsilon = 0.005 / 256 },
                MaxGradientNorm = 10,
            },
        };
        var random = new Pcg64(seed: 1);
        var architecture = new ImpalaCnnActionValue(
            channels: 4, environment.Spec.ActionCount, options: options.Architecture, scale: 2, hidden: 512, pool: 6,
            spectralNorm: true);
        using var agent = new DqnAgent(new QNetwork(architecture, random, options.Network), environment.Spec, options, seed: 2);

        // </recipe>
        string[] source = File.ReadAllLines(SourcePath());
        IEnumerable<string> lines = source.SkipWhile(line => line.Trim() != "// <recipe>").Skip(1)
            .TakeWhile(line => line.Trim() != "// </recipe>").Select(line => line.Length > 8 ? line[8..] : "");
        string readme = File.ReadAllText(Path.Combine(
            Path.GetDirectoryName(SourcePath())!, "..", "..", "..", "src", "Dqn", "README.md"));
        Assert.That(readme.ReplaceLineEndings("\n"), Does.Contain(string.Join('\n', lines).Trim()));
        Assert.That(agent.Network.ActionCount, Is.EqualTo(environment.Spec.ActionCount));
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;

    private static DqnAgent Agent(DqnOptions options, int threads, ulong seed)
    {
        var architecture = new ImpalaCnnActionValue(
            2, 3, 12, 12, options.Architecture, hidden: 16, pool: 2, spectralNorm: true);
        var network = new QNetwork(
            architecture, new Pcg64(seed), new QNetworkOptions { Threads = threads }, TestPool.ManyThreads);
        return new DqnAgent(network, PixelWalk.Spec, options, seed);
    }

    private static EnvironmentSpec Spec(IQNetwork network) => new()
    {
        Name = "Table",
        ObservationShape = [1],
        ElementType = ElementType.Byte,
        ActionCount = network.ActionCount,
    };
}
