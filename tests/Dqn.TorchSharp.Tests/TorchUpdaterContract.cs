using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Values;
using Torch = TorchSharp.torch;

namespace Dqn.Tests.TorchEngine;

/// <summary>An agent's updates on the device are those in host memory, but for rounding.</summary>
public abstract class TorchUpdaterContract
{
    /// <summary>The device under test.</summary>
    protected abstract TorchDevice Device { get; }

    [OneTimeSetUp]
    public void Load() => TorchLibrary.Load();

    // Actions are random, so that rounding chooses none.
    private static readonly DqnOptions Plain = new()
    {
        WarmupSteps = 20,
        BatchSize = 8,
        BufferCapacity = 40,
        TargetUpdatePeriod = 30,
        Epsilon = new EpsilonSchedule(1, 1, 1),
    };

    private static readonly ValueDistribution Categories = new CategoricalDistribution(-2, 3, 11);
    private static readonly ValueDistribution Quantiles = new QuantileDistribution(7);

    private static IEnumerable<TestCaseData> Variants()
    {
        yield return Case("plain", Plain);
        yield return Case("double", Plain with { DoubleDqn = true });
        yield return Case("three steps", Plain with { NStep = 3, Discount = 0.9 });
        yield return Case("prioritized", Plain with { Prioritized = new PrioritizedReplayOptions(), ImportanceSteps = 50 });
        yield return Case("Munchausen", Plain with { Munchausen = new MunchausenOptions { Temperature = 0.5 } });
        yield return Case("Munchausen, cold", Plain with { Munchausen = new MunchausenOptions() });
        yield return Case("advantage learning", Plain with { AdvantageLearning = 0.7 });
        yield return Case("advantage learning, double", Plain with { AdvantageLearning = 0.7, DoubleDqn = true });
        yield return Case("categories", Plain, Categories);
        yield return Case("categories, double", Plain with { DoubleDqn = true, NStep = 2 }, Categories);
        yield return Case("quantiles", Plain, Quantiles);
        yield return Case("quantiles, double", Plain with { DoubleDqn = true }, Quantiles);
        yield return Case(
            "quantiles, Munchausen", Plain with { Munchausen = new MunchausenOptions { Temperature = 0.5 } }, Quantiles);
        yield return Case("a nearer horizon at first", Plain with { NStep = 1, Horizon = new() { NStep = 4, Updates = 20 } });
        yield return Case(
            "quantiles, advantage learning, prioritized",
            Plain with { AdvantageLearning = 0.5, Prioritized = new PrioritizedReplayOptions() }, Quantiles);
        yield return Case("shifted", Plain with { RandomShift = 4 });
        yield return Case("mirrored", Plain with { MirrorActions = [1, 0, 2] });
        yield return Case(
            "mirrored, shifted, prioritized", Plain with
            {
                MirrorActions = [1, 0, 2],
                RandomShift = 2,
                DoubleDqn = true,
                Prioritized = new PrioritizedReplayOptions(),
            });
        yield return Case("three environments", Plain with { Environments = 3, BufferCapacity = 100 });
        yield return Case("several updates", Plain with { UpdatePeriod = 4, UpdatesPerPeriod = 2 });
        yield return Case("soft target, average", Plain with
        {
            TargetUpdatePeriod = 1,
            TargetUpdateRate = 0.05,
            EvaluationAverage = 0.9,
        });
        yield return Case("floats", Plain with { DoubleDqn = true, NStep = 3 }, floats: true);
        yield return Case("floats, three environments", Plain with { Environments = 3 }, floats: true);

        yield return Case("legal actions, two environments", Plain with { Environments = 2 }, masked: true);
        yield return Case("legal actions, double", Plain with { DoubleDqn = true, NStep = 2 }, masked: true);
        yield return Case(
            "legal actions, Munchausen", Plain with { Munchausen = new MunchausenOptions { Temperature = 0.5 } }, masked: true);
        yield return Case(
            "legal actions, advantage learning, prioritized",
            Plain with { AdvantageLearning = 0.7, Prioritized = new PrioritizedReplayOptions() }, masked: true);

        static TestCaseData Case(
            string name, DqnOptions options, ValueDistribution? distribution = null, bool floats = false,
            bool masked = false) =>
            new TestCaseData(options, distribution, floats, masked).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Variants))]
    public void Updates_on_the_device_are_those_in_host_memory(
        DqnOptions options, ValueDistribution? distribution, bool floats, bool masked)
    {
        EnvironmentSpec spec = masked ? RandomScenes.Masked : floats ? RandomScenes.Floats : RandomScenes.Pixels;
        using DqnAgent host = Agent(options, distribution, spec, null, onHost: true);
        List<LearnResult> expected = new RandomScenes(host, spec, 5).Go(120);
        foreach (bool onDevice in new[] { true, false })
        {
            using DqnAgent agent = Agent(options, distribution, spec, new TorchOptions { FramesOnDevice = onDevice });
            List<LearnResult> results = new RandomScenes(agent, spec, 5).Go(120);
            Assert.That(agent.Updates, Is.EqualTo(host.Updates).And.GreaterThan(40));
            Assert.That(Numbers(results), Is.EqualTo(Numbers(expected)).Within(1e-4));
            Assert.That(Parameters(agent.Network), Is.EqualTo(Parameters(host.Network)).Within(2e-5));
            Assert.That(
                Parameters(agent.EvaluationNetwork), Is.EqualTo(Parameters(host.EvaluationNetwork)).Within(2e-5));
            if (options.Prioritized is not null)
                Assert.That(Priorities(agent), Is.EqualTo(Priorities(host)).Within(1e-4));
        }
    }

    [Test]
    public void A_resumed_agent_goes_on_as_the_uninterrupted_one(
        [Values(10, 21, 22, 75)] int before, [Values] bool late, [Values] bool prioritized, [Values] bool onDevice)
    {
        DqnOptions options = Plain with
        {
            DoubleDqn = true,
            MirrorActions = [1, 0, 2],
            RandomShift = 2,
            Epsilon = new EpsilonSchedule(1, 0.1, 100),
            Prioritized = prioritized ? new PrioritizedReplayOptions() : null,
        };
        TorchOptions engine = new() { FramesOnDevice = onDevice, LateResults = late };
        using DqnAgent straight = Agent(options, engine: engine), first = Agent(options, engine: engine),
            second = Agent(options, engine: engine);
        List<LearnResult> expected = new RandomScenes(straight, RandomScenes.Pixels, 5).Go(120);
        var scenes = new RandomScenes(first, RandomScenes.Pixels, 5);
        List<LearnResult> results = scenes.Go(before);
        new RandomScenes(second, RandomScenes.Pixels, 6).Go(50); // What it knows is to be lost.
        Restore(second, first);
        results.AddRange(scenes.On(second).Go(120 - before));
        Assert.That(results, Is.EqualTo(expected));
        Assert.That(Save(second), Is.EqualTo(Save(straight)));
    }

    [Test]
    public void Saving_does_not_disturb_late_results()
    {
        TorchOptions late = new() { LateResults = true };
        using DqnAgent agent = Agent(Plain, engine: late), saved = Agent(Plain, engine: late);
        List<LearnResult> expected = new RandomScenes(agent, RandomScenes.Pixels, 5).Go(60), results = [];
        var scenes = new RandomScenes(saved, RandomScenes.Pixels, 5);
        for (int step = 0; step < 60; step++)
        {
            results.AddRange(scenes.Go(1));
            _ = Save(saved);
        }

        Assert.That(results, Is.EqualTo(expected));
    }

    [Test]
    public void Late_results_are_those_of_the_update_before_and_change_nothing()
    {
        using DqnAgent prompt = Agent(Plain, engine: new() { LateResults = false }),
            late = Agent(Plain, engine: new() { LateResults = true });
        List<LearnResult> results = new RandomScenes(prompt, RandomScenes.Pixels, 5).Go(60),
            lateResults = new RandomScenes(late, RandomScenes.Pixels, 5).Go(60);
        Assert.That(lateResults[0], Is.EqualTo(results[0]));
        Assert.That(lateResults[1..], Is.EqualTo(results[..^1]));
        Assert.That(Parameters(late.Network), Is.EqualTo(Parameters(prompt.Network)));
    }

    [Test]
    public void Prioritized_results_are_never_late()
    {
        DqnOptions options = Plain with { Prioritized = new PrioritizedReplayOptions() };
        using DqnAgent prompt = Agent(options, engine: new() { LateResults = false }),
            late = Agent(options, engine: new() { LateResults = true });
        Assert.That(
            new RandomScenes(late, RandomScenes.Pixels, 5).Go(60),
            Is.EqualTo(new RandomScenes(prompt, RandomScenes.Pixels, 5).Go(60)));
        Assert.That(Save(late), Is.EqualTo(Save(prompt)));
    }

    [Test]
    public void A_state_with_a_late_result_goes_on_where_results_are_prompt()
    {
        using DqnAgent late = Agent(Plain, engine: new() { LateResults = true }),
            prompt = Agent(Plain, engine: new() { LateResults = false }), host = Agent(Plain, onHost: true);
        var scenes = new RandomScenes(late, RandomScenes.Pixels, 5);
        scenes.Go(50);
        Restore(prompt, late);
        Restore(host, late);
        RandomScenes onPrompt = scenes.On(prompt), onHost = scenes.On(host);
        List<LearnResult> results = onPrompt.Go(30), expected = onHost.Go(30), lateResults = scenes.Go(30);
        Assert.That(Numbers(results), Is.EqualTo(Numbers(expected)).Within(1e-4));
        Assert.That(lateResults[1..], Is.EqualTo(results[..^1]));
        Assert.That(Parameters(late.Network), Is.EqualTo(Parameters(prompt.Network)));
    }

    [Test]
    public void Frames_that_do_not_fit_are_sent_unless_demanded() => Assert.Multiple(() =>
    {
        ReplayBuffer huge = new(2_000_000, 1 << 30, 1);
        Assert.That(
            () => TorchFrames.Create(huge, true, Torch.CPU, pixels: true),
            Throws.InvalidOperationException.With.Message.Contains("2000001 frames of 1073741824 bytes"));
        Assert.That(TorchFrames.Create(huge, null, Torch.CPU, pixels: true), Is.Null);
        Assert.That(TorchFrames.Create(huge, false, Torch.CPU, pixels: true), Is.Null);
    });

    [Test]
    public void TensorFloat32_is_off_unless_allowed()
    {
        foreach (bool allowed in new[] { true, false })
        {
            using DqnAgent agent = Agent(Plain, engine: allowed ? new() { AllowTf32 = true } : null);
            Assert.That(Torch.backends.cuda.matmul.allow_tf32, Is.EqualTo(allowed));
            Assert.That(Torch.backends.cudnn.allow_tf32, Is.EqualTo(allowed));
        }
    }

    [Test]
    public void Updates_leave_no_tensor_behind([Values] bool late, [Values] bool onDevice)
    {
        DqnOptions options = Plain with { Munchausen = new MunchausenOptions(), RandomShift = 2 };
        long before;
        using (DqnAgent agent = Agent(options, engine: new() { LateResults = late, FramesOnDevice = onDevice }))
        {
            var scenes = new RandomScenes(agent, RandomScenes.Pixels, 5);
            scenes.Go(60);
            before = Torch.Tensor.TotalCount;
            scenes.Go(100);
            Assert.That(Torch.Tensor.TotalCount, Is.EqualTo(before));
        }

        Assert.That(Torch.Tensor.TotalCount, Is.LessThan(before));
    }

    private DqnAgent Agent(
        DqnOptions options, ValueDistribution? distribution = null, EnvironmentSpec? spec = null, TorchOptions? engine = null,
        bool onHost = false)
    {
        spec ??= RandomScenes.Pixels;
        Sequential architecture = spec.ElementType == ElementType.Single
            ? new MlpActionValue(5, 3, 16)
            : new Sequential(
                [3, 12, 10], pixels: true,
                [
                    new Conv2d("conv1", 6, 4, 2), new Relu(), new Conv2d("conv2", 8, 3), new Relu(), new Flatten(),
                    new Linear("fc", 3 * (distribution?.Atoms ?? 1)),
                ],
                distribution);
        QNetworkOptions network = new()
        {
            Threads = 1,
            Optimizer = new AdamOptions { LearningRate = 1e-3, Epsilon = 1e-2 },
            MaxGradientNorm = options.DoubleDqn ? 0.5 : double.PositiveInfinity,
            Loss = options.NStep > 1 ? Loss.SmoothL1 : Loss.MeanSquared,
        };
        TorchQNetwork torch = new(architecture, new Pcg64(2), network, Device, engine);
        return new DqnAgent(onHost ? new HostPath(torch) : torch, spec, options, seed: 3);
    }

    private static float[] Numbers(List<LearnResult> results) =>
        [.. results.SelectMany(r => new[] { r.Loss, r.MeanValue, r.MeanAbsoluteTdError, r.GradientNorm ?? float.NaN })];

    private static float[] Parameters(IQNetwork network) =>
        [.. network.GetStateDict().SelectMany(p => MemoryMarshal.Cast<byte, float>(p.Value.Data).ToArray())];

    private static byte[] Save(DqnAgent agent)
    {
        using MemoryStream memory = new();
        agent.SaveState(new BinaryWriter(memory));
        return memory.ToArray();
    }

    // They end the buffer's state.
    private static double[] Priorities(DqnAgent agent)
    {
        byte[] state = Save(agent);
        return MemoryMarshal.Cast<byte, double>(state.AsSpan(state.Length - 40 * sizeof(double))).ToArray();
    }

    private static void Restore(DqnAgent agent, DqnAgent saved)
    {
        agent.LoadState(new BinaryReader(new MemoryStream(Save(saved))));
        for (int i = 0; i < agent.Replay.SegmentCount; i++)
        {
            using MemoryStream segment = new();
            saved.Replay.WriteSegment(i, segment);
            segment.Position = 0;
            if (agent.Replay.SegmentVersion(i) > 0)
                agent.Replay.ReadSegment(i, segment);
        }
    }
}
