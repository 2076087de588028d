using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Networks;
using Dqn.Training;
using Dqn.Values;
using Torch = TorchSharp.torch;

namespace Dqn.Tests.TorchEngine;

/// <summary>The engine on LibTorch's processor: the contract, and what is its own.</summary>
public class TorchQNetworkTests : QNetworkContract
{
    [OneTimeSetUp]
    public void LoadLibTorch() => TorchLibrary.Load();

    // One thread: LibTorch's wait for each other, which takes long where the machine has other work.
    protected override IQNetwork Make(Sequential architecture, ulong seed, QNetworkOptions? options = null) =>
        new TorchQNetwork(
            architecture, new Pcg64(seed), (options ?? new QNetworkOptions()) with { Threads = 1 }, TorchDevice.Cpu,
            new TorchOptions { FramesOnDevice = true });

    protected override StateDict Gradients(IQNetwork network) => ((TorchQNetwork)network).GetGradients();

    [Test]
    public void The_same_seed_starts_with_the_built_in_engines_parameters()
    {
        foreach (Sequential architecture in new[] { new CnnActionValue(4, 5), Small, new MlpActionValue(4, 2, 7) })
        {
            using IQNetwork network = Make(architecture, 3);
            using var builtIn = new QNetwork(architecture, new Pcg64(3));
            Assert.That(Hash(network), Is.EqualTo(Hash(builtIn)));
            Assert.That(network.GetStateDict().Names, Is.EqualTo(builtIn.GetStateDict().Names));
        }
    }

    [TestCase(".pt")]
    [TestCase(".safetensors")]
    public void Weights_move_between_the_engines_in_files(string extension)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension);
        try
        {
            using IQNetwork network = Make(new CnnActionValue(4, 5), 3), back = Make(new CnnActionValue(4, 5), 4);
            using var builtIn = new QNetwork(new CnnActionValue(4, 5), new Pcg64(5));
            Learn(network, 2, 4);
            StateDictFile.Write(path, network.GetStateDict());
            builtIn.LoadStateDict(StateDictFile.Read(path));
            Assert.That(Hash(builtIn), Is.EqualTo(Hash(network)));
            StateDictFile.Write(path, builtIn.GetStateDict());
            back.LoadStateDict(StateDictFile.Read(path));
            Assert.That(Hash(back), Is.EqualTo(Hash(network)));
            Assert.That(Evaluate(back), Is.EqualTo(Evaluate(network)));
            Assert.That(Evaluate(builtIn), Is.EqualTo(Evaluate(network)).Within(1e-5));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCaseSource(nameof(Optimizers))]
    public void A_saved_state_goes_on_in_the_other_engine(OptimizerOptions optimizer)
    {
        QNetworkOptions options = new() { Optimizer = optimizer };
        using IQNetwork network = Make(Small, 1, options), back = Make(Small, 2, options);
        using var builtIn = new QNetwork(Small, new Pcg64(3), options);
        Learn(network, 3, 8);
        Load(builtIn, Save(network));
        Assert.That(Save(builtIn), Is.EqualTo(Save(network)));
        Load(back, Save(builtIn));
        Assert.That(Save(back), Is.EqualTo(Save(network)));
    }

    /// <summary>
    /// Twelve steps: RAdam's first five do not divide by the root of the squares, the others do. The learning rate is 1, as
    /// TorchSharp's RAdam multiplies the later steps with it twice, unlike PyTorch's.
    /// </summary>
    [Test]
    public void RAdam_steps_as_TorchSharps([Values] bool builtIn)
    {
        RAdamOptions options = new() { LearningRate = 1, Beta1 = 0.8, Epsilon = 1e-3 };
        Sequential architecture = new MlpActionValue(3, 2);
        using IQNetwork network = builtIn
            ? new QNetwork(architecture, new Pcg64(1), new QNetworkOptions { Optimizer = options })
            : Make(architecture, 1, new QNetworkOptions { Optimizer = options });
        float[] numbers = [0.3f, -0.2f, 0.9f, 0.1f, 0.5f, -0.7f, -0.2f, 0.1f, 0.4f, 0.9f, -0.6f, 0.5f];
        StateDict start = network.GetStateDict();
        using var weight = new TorchSharp.Modules.Parameter(
            Torch.tensor(GoldenLearning.Values(start, "fc1.weight")).reshape(2, 3), requires_grad: true);
        using var bias = new TorchSharp.Modules.Parameter(
            Torch.tensor(GoldenLearning.Values(start, "fc1.bias")), requires_grad: true);
        using var optimizer = new TorchSharp.Modules.RAdam([weight, bias], lr: 1, beta1: 0.8, beta2: 0.999, eps: 1e-3);
        using Torch.Tensor inputs = Torch.tensor(numbers).reshape(4, 3), goals = Torch.tensor([1f, -2, 0.5f, 3]);
        using Torch.Tensor taken = Torch.tensor([0L, 1, 1, 0]).unsqueeze(1);
        byte[] observations = [.. numbers.SelectMany(BitConverter.GetBytes)];
        for (int step = 1; step <= 12; step++)
        {
            network.Fit(observations, [0, 1, 1, 0], [1, -2, 0.5f, 3], [], []);
            optimizer.zero_grad();
            using (Torch.Tensor values = inputs.matmul(weight.t()).add(bias).gather(1, taken).squeeze(1))
            using (Torch.Tensor loss = (values - goals).square().mean())
                loss.backward();
            optimizer.step();
            StateDict learnt = network.GetStateDict();
            Assert.That(
                GoldenLearning.Values(learnt, "fc1.weight"), Is.EqualTo(weight.data<float>().ToArray()).Within(2e-6), $"step {step}");
            Assert.That(
                GoldenLearning.Values(learnt, "fc1.bias"), Is.EqualTo(bias.data<float>().ToArray()).Within(2e-6), $"step {step}");
        }
    }

    [Test]
    public void A_copy_may_come_from_the_other_engine()
    {
        using IQNetwork network = Make(Small, 1);
        using var builtIn = new QNetwork(Small, new Pcg64(2));
        network.CopyParametersFrom(builtIn);
        Assert.That(Hash(network), Is.EqualTo(Hash(builtIn)));
        builtIn.CopyParametersFrom(Make(Small, 3));
        network.MoveParametersTowards(builtIn, 0.5f);
        Assert.That(Hash(network), Is.Not.EqualTo(Hash(builtIn)));
    }

    private static readonly ValueDistribution[] Distributions =
        [new CategoricalDistribution(-2, 3, 11), new QuantileDistribution(7)];

    [TestCaseSource(nameof(Distributions))]
    public void Distributions_learn_as_in_the_built_in_engine(ValueDistribution distribution)
    {
        int atoms = distribution.Atoms;
        Sequential architecture = new(
            [2, 10, 9], true, [new Conv2d("conv", 5, 3, 2), new Relu(), new Flatten(), new Linear("fc", 3 * atoms)],
            distribution);
        QNetworkOptions options = new() { MaxGradientNorm = 1, Optimizer = new AdamOptions() };
        using IQNetwork network = Make(architecture, 1, options);
        using IQNetwork builtIn = new QNetwork(architecture, new Pcg64(1), options);
        Random random = new(1);
        var observations = new byte[4 * network.ObservationBytes];
        float[] targets = new float[4 * atoms], errors = new float[4], otherErrors = new float[4];
        for (int update = 0; update < 5; update++)
        {
            random.NextBytes(observations);
            foreach (ref float target in targets.AsSpan())
                target = random.NextSingle() / atoms;
            FitResult result = network.Fit(observations, [0, 2, 1, 2], targets, [1, 2, 0, 0.5f], errors);
            FitResult other = builtIn.Fit(
                observations, [0, 2, 1, 2], targets, [1, 2, 0, 0.5f], otherErrors);
            Assert.That(result.Loss, Is.EqualTo(other.Loss).Within(2e-5));
            Assert.That(result.MeanValue, Is.EqualTo(other.MeanValue).Within(2e-5));
            Assert.That(result.GradientNorm, Is.EqualTo(other.GradientNorm).Within(1e-4));
            Assert.That(errors, Is.EqualTo(otherErrors).Within(2e-5));
        }

        Assert.That(Evaluate(network), Is.EqualTo(Evaluate(builtIn)).Within(1e-4));
        float[] distributions = new float[4 * 3 * atoms], others = new float[4 * 3 * atoms];
        network.EvaluateDistributions(observations, distributions);
        builtIn.EvaluateDistributions(observations, others);
        Assert.That(distributions, Is.EqualTo(others).Within(1e-4));
        Assert.That(() => network.Fit(observations, [0, 0, 0, 0], new float[4], [], []), Throws.ArgumentException);
        Load(builtIn, Save(network));
        Assert.That(Save(builtIn), Is.EqualTo(Save(network)));
    }

    [Test]
    public void Dueling_normalised_networks_learn_as_in_the_built_in_engine([Values] bool distributional)
    {
        Sequential architecture = new CnnActionValue(2, 3, 36, 40, new ActionValueOptions
        {
            Dueling = true,
            LayerNorm = true,
            Distribution = distributional ? new QuantileDistribution(4) : null,
        });
        QNetworkOptions options = new() { MaxGradientNorm = 1, Optimizer = new AdamOptions { Epsilon = 1e-3 } };
        using IQNetwork network = Make(architecture, 1, options);
        using IQNetwork builtIn = new QNetwork(architecture, new Pcg64(1), options);
        Assert.That(Hash(network), Is.EqualTo(Hash(builtIn)));
        var observations = new byte[4 * network.ObservationBytes];
        new Random(1).NextBytes(observations);
        float[] targets = [.. Enumerable.Range(0, distributional ? 16 : 4).Select(i => i * 0.1f)];
        for (int update = 0; update < 3; update++)
        {
            FitResult result = Fit(network), other = Fit(builtIn);
            Assert.That(result.Loss, Is.EqualTo(other.Loss).Within(1e-4 * other.Loss));
            Assert.That(result.GradientNorm, Is.EqualTo(other.GradientNorm).Within(1e-3 * other.GradientNorm!.Value));
        }

        Assert.That(Evaluate(network), Is.EqualTo(Evaluate(builtIn)).Within(1e-4));

        FitResult Fit(IQNetwork which) => which.Fit(observations, [0, 2, 1, 2], targets, [], []);
    }

    [Test]
    public void Layers_unknown_to_the_engine_are_named() => Assert.Multiple(() =>
    {
        ActionValueOptions noisy = new() { Noisy = true }, implicitly = new() { Distribution = new ImplicitQuantileDistribution() };
        Refused(new MlpActionValue(4, 2, noisy, 8), "NoisyLinear");
        Refused(new MlpActionValue(4, 2, implicitly, 8), "QuantileEmbedding");
        Refused(new ImpalaCnnActionValue(2, 3, 20, 20, spectralNorm: true), "'section1_block1_conv1' with spectral normalisation");

        void Refused(Sequential architecture, string named) => Assert.That(
            () => Make(architecture, 1),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains(named).And.Message.Contains("QNetwork"));
    });

    [Test]
    public void An_agent_learns_on_it_as_the_README_says()
    {
        using FrameStack environment = new PixelPipeline().Create();
        var options = new DqnOptions();
        var network = new TorchQNetwork(
            new CnnActionValue(4, 5), new Pcg64(1), options.Network, TorchDevice.CudaIfAvailable);
        using var agent = new DqnAgent(network, environment.Spec, options, seed: 1);
        foreach (TrainingStep step in new TrainingLoop(agent, environment, seed: 1).RunLazily())
            if (step.Number == 40)
                break;
        LearnResult learnt = agent.Learn();
        Assert.That(learnt.Loss, Is.GreaterThan(0).And.LessThan(1000));
    }

    [Test]
    public void A_module_of_ones_own_learns_and_its_buffers_are_kept()
    {
        using TorchQNetwork network = MakeOwn(), other = MakeOwn();
        Assert.That(network.GetStateDict().Names, Is.SupersetOf(
            new[] { "fc.weight", "norm.running_mean", "norm.num_batches_tracked" }));
        Learn(network, 3, 8);
        Assert.That(network.GetStateDict()["norm.num_batches_tracked"].ToDoubles(), Is.EqualTo(new[] { 3.0 }));
        float[] values = Evaluate(network);
        Assert.That(Evaluate(network), Is.EqualTo(values), "Evaluation leaves running statistics alone.");
        using TorchQNetwork clone = network.Clone();
        Assert.That(Evaluate(clone), Is.EqualTo(Evaluate(network)));
        other.LoadStateDict(network.GetStateDict());
        Assert.That(Evaluate(other), Is.EqualTo(Evaluate(network)));
        Load(other, Save(network));
        Learn(network, 2, 8);
        Learn(other, 2, 8);
        Assert.That(Save(other), Is.EqualTo(Save(network)));

        static TorchQNetwork MakeOwn() => new(
            () => new OwnModule(12, 3), [2, 2, 3], pixels: true, 3, new QNetworkOptions { Threads = 1 }, TorchDevice.Cpu);
    }

    [Test]
    public void Values_of_another_shape_are_refused()
    {
        using TorchQNetwork network = new(
            () => new OwnModule(12, 4), [2, 2, 3], pixels: true, actionCount: 3,
            new QNetworkOptions { Threads = 1 }, TorchDevice.Cpu);
        Assert.That(() => network.Evaluate(new byte[24], new float[6]),
            Throws.InvalidOperationException.With.Message.Contains("[2, 3], got [2, 4]"));
    }

    [Test]
    public void Modules_check_their_inputs_shape() => Assert.Multiple(() =>
    {
        using Torch.Tensor wrong = Torch.zeros(2, 4, 84, 80);
        using var cnn = new TorchCnnActionValue(4, 5);
        using var sequential = new TorchSequential(Small);
        Assert.That(() => cnn.forward(wrong),
            Throws.ArgumentException.With.Message.Contains("[batch, 4, 84, 84], got [2, 4, 84, 80]"));
        Assert.That(() => sequential.forward(wrong),
            Throws.ArgumentException.With.Message.Contains("[batch, 2, 10, 9], got [2, 4, 84, 80]"));
        Assert.That(
            () => new TorchCnnActionValue(4, 5, 35, 84), Throws.ArgumentException.With.Message.Contains("conv3"));
    });

    [Test]
    public void Bad_constructions_are_refused() => Assert.Multiple(() =>
    {
        Assert.That(() => new TorchQNetwork((Sequential)null!, new Pcg64(1)), Throws.ArgumentNullException);
        Assert.That(() => new TorchQNetwork(Small, null!), Throws.ArgumentNullException);
        Assert.That(() => Own([], 3), Throws.ArgumentException);
        Assert.That(() => Own([2, 0], 3), Throws.ArgumentException);
        Assert.That(() => Own([12], 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new TorchQNetwork(() => Torch.nn.ReLU(), [3], pixels: false, 3, device: TorchDevice.Cpu),
            Throws.ArgumentException.With.Message.Contains("parameters"));

        static TorchQNetwork Own(ImmutableArray<int> shape, int actions) =>
            new(() => new OwnModule(12, 3), shape, pixels: false, actions, device: TorchDevice.Cpu);
    });

    [Test]
    public void Two_threads_value_alike()
    {
        using IQNetwork one = Make(Small, 1);
        float[] values = Evaluate(one);
        using TorchQNetwork two = new(Small, new Pcg64(1), new QNetworkOptions { Threads = 2 }, TorchDevice.Cpu);
        Assert.That(Torch.get_num_threads(), Is.EqualTo(2));
        Assert.That(Evaluate(two), Is.EqualTo(values).Within(1e-5));
    }

    [Test]
    public void Without_a_GPU_asking_for_one_says_what_it_takes()
    {
        bool there = TorchLibrary.IsCudaAvailable;
        Assert.That(() => new TorchQNetwork(Small, new Pcg64(1), device: TorchDevice.Cuda).Dispose(), there
            ? Throws.Nothing
            : Throws.TypeOf<NotSupportedException>().With.Message.Contains("TorchSharp-cuda-linux"));
        using var network = new TorchQNetwork(Small, new Pcg64(1), new QNetworkOptions { Threads = 1 });
        Assert.That(network.IsOnCuda, Is.EqualTo(there));
    }

    [Test]
    public void The_callers_dispose_scope_takes_nothing_along()
    {
        IQNetwork network;
        using (Torch.NewDisposeScope())
        {
            network = Make(Small, 1);
            Learn(network, 1, 4);
        }

        Learn(network, 2, 8);
        Assert.That(Evaluate(network), Has.None.NaN);
        network.Dispose();
    }

    [Test]
    public void Memory_stays_flat_over_10_000_updates()
    {
        using IQNetwork network = Make(
            Small, 1, new QNetworkOptions { MaxGradientNorm = 1, Optimizer = new AdamOptions() });
        using IQNetwork target = network.Clone();

        // The garbage collector and LibTorch's allocator settle within the first thousands and jump now and then; what
        // leaks leaks in every quarter.
        Rounds(10_000);
        long tensors = Torch.Tensor.TotalCount;
        var memory = new long[5];
        memory[0] = ResidentBytes();
        for (int quarter = 1; quarter <= 4; quarter++)
        {
            Rounds(2500);
            memory[quarter] = ResidentBytes();
        }

        Assert.That(Torch.Tensor.TotalCount, Is.EqualTo(tensors));
        Assert.That(memory.Skip(1).Zip(memory, (after, before) => after - before).Min(), Is.LessThan(256 << 10));
        Assert.That(memory[4] - memory[0], Is.LessThan(8 << 20));

        void Rounds(int count)
        {
            for (int done = 0; done < count; done += 100)
            {
                Learn(network, 100, 8);
                _ = Evaluate(target);
                target.CopyParametersFrom(network);
            }
        }

        static long ResidentBytes()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    /// <summary>A small network with running statistics, as a user would write it.</summary>
    private sealed class OwnModule : Torch.nn.Module<Torch.Tensor, Torch.Tensor>
    {
        private readonly Torch.nn.Module<Torch.Tensor, Torch.Tensor> _norm, _fc;

        public OwnModule(int inputs, int actions)
            : base(nameof(OwnModule))
        {
            register_module("norm", _norm = Torch.nn.BatchNorm1d(inputs));
            register_module("fc", _fc = Torch.nn.Linear(inputs, actions));
        }

        public override Torch.Tensor forward(Torch.Tensor input) => _fc.call(_norm.call(input.flatten(1)));
    }
}
