using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Networks;

public class QNetworkTests
{
    private static readonly Sequential Small = new(
        [2, 10, 9], true, [new Conv2d("conv", 5, 3, 2), new Relu(), new Flatten(), new Linear("fc", 3)]);

    private static readonly OptimizerOptions[] Optimizers =
    [
        new RmsPropOptions(), new RmsPropOptions { Centered = true, Momentum = 0.9 },
        new RmsPropOptions { Momentum = 0.5 },
        new AdamOptions(),
    ];

    [Test]
    public void Same_weights_whatever_the_number_of_threads([Values(1, 2, 3, 4)] int threads, [Values] bool clipped)
    {
        string one = Train(1), these = Train(threads);
        Assert.That(these, Is.EqualTo(one));

        string Train(int count)
        {
            Sequential architecture = new CnnActionValue(4, 5, 44, 52);
            using QNetwork network = new(architecture, new Pcg64(5), new QNetworkOptions
            {
                Threads = count,
                MaxGradientNorm = clipped ? 0.5 : double.PositiveInfinity,
            });
            FitSome(network, 10, 32);
            return Hash(network);
        }
    }

    [Test]
    public void Same_weights_whether_a_layer_updates_its_weight_at_once_or_later(
        [ValueSource(nameof(Optimizers))] OptimizerOptions optimizer)
    {
        Assert.That(Train(1e9), Is.EqualTo(Train(double.PositiveInfinity)));

        string Train(double maxNorm)
        {
            using QNetwork network = new(
                new MlpActionValue(9, 5, 150, 67), new Pcg64(5),
                new QNetworkOptions { Optimizer = optimizer, MaxGradientNorm = maxNorm });
            FitSome(network, 10, 40);
            return Hash(network);
        }
    }

    [Test]
    public void Parameters_start_as_PyTorchs()
    {
        using QNetwork network = new(new CnnActionValue(4, 5), new Pcg64(1));
        StateDict state = network.GetStateDict();
        Assert.That(state.Select(p => $"{p.Key} {Tensor.Format(p.Value.Shape)}"), Is.EqualTo(new[]
        {
            "conv1.weight [32, 4, 8, 8]", "conv1.bias [32]", "conv2.weight [64, 32, 4, 4]", "conv2.bias [64]",
            "conv3.weight [64, 64, 3, 3]", "conv3.bias [64]", "fc1.weight [512, 3136]", "fc1.bias [512]",
            "fc2.weight [5, 512]",
            "fc2.bias [5]",
        }));
        foreach ((string name, double inputs) in new[] { ("conv1", 256.0), ("conv2", 512), ("conv3", 576),
            ("fc1", 3136), ("fc2", 512) })
        {
            double bound = 1 / Math.Sqrt(inputs);
            float[] weight = GoldenLearning.Values(state, name + ".weight"),
                bias = GoldenLearning.Values(state, name + ".bias");
            Assert.That(weight.Concat(bias).Max(v => Math.Abs(v)), Is.LessThanOrEqualTo((float)bound), name);
            Assert.That(weight.Max(), Is.GreaterThan(0.98 * bound), name);
            Assert.That(GoldenLearning.L2(weight) / Math.Sqrt(weight.Length),
                Is.EqualTo(bound / Math.Sqrt(3)).Within(0.03 * bound), name);
        }
    }

    [Test]
    public void State_dict_goes_there_and_back()
    {
        using QNetwork network = new(Small, new Pcg64(1)), other = new(Small, new Pcg64(2));
        Assert.That(Hash(other), Is.Not.EqualTo(Hash(network)));
        other.LoadStateDict(network.GetStateDict());
        Assert.That(Hash(other), Is.EqualTo(Hash(network)));
        Assert.That(Evaluate(other), Is.EqualTo(Evaluate(network)));
    }

    [TestCase("conv.weight", "Missing tensor 'conv.weight', expected [5, 2, 3, 3]")]
    [TestCase("fc.bias", "Missing tensor 'fc.bias', expected [3]")]
    public void Missing_tensors_are_named(string name, string message) => Refuses(
        Changed((key, tensor) => key == name ? null : tensor), message);

    [Test]
    public void Unknown_tensors_are_named()
    {
        StateDict state = Changed((_, tensor) => tensor);
        state.Add("fc9.bias", Tensor.FromSingles([1], 1));
        Refuses(state, "Unknown tensor 'fc9.bias'");
    }

    [Test]
    public void Misfitting_shapes_are_named() => Refuses(
        Changed((key, tensor) => key == "fc.weight" ? Tensor.FromSingles(new float[240], 80, 3) : tensor),
        "Tensor 'fc.weight': expected the shape [3, 80], got [80, 3]");

    [Test]
    public void Integers_are_not_parameters() => Refuses(
        Changed((key, tensor) => key == "fc.bias" ? new Tensor(TensorType.Int32, [3], new byte[12]) : tensor),
        "Tensor 'fc.bias': expected floating point numbers, got Int32");

    [Test]
    public void Doubles_and_halves_load()
    {
        using QNetwork network = new(Small, new Pcg64(1));
        network.LoadStateDict(Changed((key, tensor) => key switch
        {
            "fc.bias" => new Tensor(TensorType.Float64, [3], MemoryMarshal.AsBytes<double>([1.5, -2, 0.25]).ToArray()),
            "conv.bias" => new Tensor(TensorType.Float16, [5], MemoryMarshal.AsBytes<Half>(
                [(Half)1, (Half)2, (Half)(-3), (Half)0.5, (Half)0]).ToArray()),
            _ => tensor,
        }));
        StateDict state = network.GetStateDict();
        Assert.That(GoldenLearning.Values(state, "fc.bias"), Is.EqualTo(new[] { 1.5f, -2, 0.25f }));
        Assert.That(GoldenLearning.Values(state, "conv.bias"), Is.EqualTo(new[] { 1f, 2, -3, 0.5f, 0 }));
    }

    [TestCaseSource(nameof(Optimizers))]
    public void A_restored_network_goes_on_as_if_nothing_had_happened(OptimizerOptions optimizer)
    {
        QNetworkOptions options = new() { Optimizer = optimizer };
        using QNetwork network = new(Small, new Pcg64(1), options), restored = new(Small, new Pcg64(2), options);
        FitSome(network, 7, 8);
        FitSome(restored, 3, 8);
        byte[] state = Save(network);
        Load(restored, state);
        Assert.That(Save(restored), Is.EqualTo(state));
        FitSome(network, 5, 8);
        FitSome(restored, 5, 8);
        Assert.That(Save(restored), Is.EqualTo(Save(network)));
    }

    [Test]
    public void State_moves_between_instruction_sets_and_fresh_networks()
    {
        using QNetwork wide = new(Small, new Pcg64(1)), portable = new(
            Small, new Pcg64(2), new QNetworkOptions { InstructionSet = InstructionSet.Portable });
        Load(portable, Save(wide));
        Assert.That(Hash(portable), Is.EqualTo(Hash(wide)));
        FitSome(wide, 2, 4);
        Load(portable, Save(wide));
        Assert.That(Save(portable), Is.EqualTo(Save(wide)));
        portable.CopyParametersFrom(wide);
        Assert.That(Hash(portable), Is.EqualTo(Hash(wide)));
    }

    [Test]
    public void Other_architectures_optimizers_and_damage_are_refused()
    {
        using QNetwork network = new(Small, new Pcg64(1));
        FitSome(network, 1, 4);
        byte[] state = Save(network);
        using QNetwork other = new(
            new Sequential([2, 10, 9], true,
                [new Conv2d("conv", 6, 3, 2), new Relu(), new Flatten(), new Linear("fc", 3)]), new Pcg64(1));
        Assert.That(() => Load(other, state),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("[6, 2, 3, 3]"));
        using QNetwork adam = new(Small, new Pcg64(1), new QNetworkOptions { Optimizer = new AdamOptions() });
        Assert.That(() => Load(adam, state), Throws.TypeOf<InvalidDataException>().With.Message.Contains("RMSprop"));
        string before = Hash(network);
        for (int length = 0; length < state.Length; length += 37)
            Assert.That(() => Load(network, state[..length]), Throws.TypeOf<InvalidDataException>(), $"{length} bytes");
        Assert.That(() => Load(network, new byte[100]), Throws.TypeOf<InvalidDataException>());
        Assert.That(Hash(network), Is.EqualTo(before));
    }

    [Test]
    public void A_clone_is_independent_until_copied_to()
    {
        using QNetwork network = new(Small, new Pcg64(1));
        IQNetwork clone = ((IQNetwork)network).Clone();
        Assert.That(Evaluate(clone), Is.EqualTo(Evaluate(network)));
        float[] before = Evaluate(clone);
        FitSome(network, 3, 4);
        Assert.That(Evaluate(clone), Is.EqualTo(before));
        Assert.That(Evaluate(network), Is.Not.EqualTo(before));
        clone.CopyParametersFrom(network);
        Assert.That(Evaluate(clone), Is.EqualTo(Evaluate(network)));
        network.Dispose();
        Assert.That(Evaluate(clone), Is.Not.EqualTo(before));
        Assert.That(() => Evaluate(network), Throws.TypeOf<ObjectDisposedException>());
        using QNetwork other = new(new MlpActionValue(4, 2), new Pcg64(1));
        Assert.That(() => clone.CopyParametersFrom(other), Throws.ArgumentException);
        clone.Dispose();
    }

    [Test]
    public void Evaluating_and_fitting_allocate_nothing_once_warm([Values(1, 2)] int threads, [Values] bool clipped)
    {
        using QNetwork network = new(new CnnActionValue(4, 5, 44, 44), new Pcg64(1), new QNetworkOptions
        {
            Threads = threads,
            MaxGradientNorm = clipped ? 10 : double.PositiveInfinity,
        });
        byte[] observations = LayerTests.Observations(network.Architecture, 16, new Random(1));
        var values = new float[16 * 5];
        var actions = new int[16];
        var targets = new float[16];
        var errors = new float[16];
        Once();
        Assert.That(Allocations.Of(() =>
        {
            for (int i = 0; i < 20; i++)
                Once();
        }), Is.Zero);

        void Once()
        {
            network.Evaluate(observations, values);
            network.Evaluate(observations.AsSpan(0, network.ObservationBytes), values.AsSpan(0, 5));
            network.Fit(observations, actions, targets, [], errors);
        }
    }

    [Test]
    public void Two_threads_may_use_a_network_and_its_clone_at_once()
    {
        using QNetwork network = new(new CnnActionValue(4, 5, 44, 44), new Pcg64(1),
            new QNetworkOptions { Threads = 2 });
        using QNetwork clone = network.Clone();
        float[] expected = Evaluate(network);
        Parallel.For(0, 2, which =>
        {
            for (int i = 0; i < 50; i++)
                Assert.That(Evaluate(which == 0 ? network : clone), Is.EqualTo(expected));
        });
    }

    [Test]
    public void Bad_calls_are_named()
    {
        using QNetwork network = new(Small, new Pcg64(1));
        var one = new byte[180];
        Assert.Multiple(() =>
        {
            Assert.That(() => network.Evaluate(new byte[179], new float[3]),
                Throws.ArgumentException.With.Message.Contains("180"));
            Assert.That(() => network.Evaluate([], []), Throws.ArgumentException);
            Assert.That(() => network.Evaluate(one, new float[4]),
                Throws.ArgumentException.With.Message.Contains("got 4"));
            Assert.That(() => network.Fit(one, [3], [0f], [], []),
                Throws.ArgumentException.With.Message.Contains("got 3"));
            Assert.That(() => network.Fit(one, [-1], [0f], [], []), Throws.ArgumentException);
            Assert.That(() => network.Fit(one, [0, 1], [0f], [], []),
                Throws.ArgumentException.With.Message.Contains("got 2"));
            Assert.That(() => network.Fit(one, [0], [], [], []), Throws.ArgumentException);
            Assert.That(() => network.Fit(one, [0], [0f], [1, 1], []), Throws.ArgumentException);
            Assert.That(() => network.Fit(one, [0], [0f], [], new float[3]), Throws.ArgumentException);
            Assert.That(() => new QNetwork(null!, new Pcg64(1)), Throws.ArgumentNullException);
            Assert.That(() => new QNetwork(Small, null!), Throws.ArgumentNullException);
        });
    }

    [Test]
    public void Bad_options_are_refused_when_made() => Assert.Multiple(() =>
    {
        Assert.That(() => new RmsPropOptions { LearningRate = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { LearningRate = double.NaN },
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { Alpha = 1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { Epsilon = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { Momentum = 1.5 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AdamOptions { Beta1 = -0.1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AdamOptions { Beta2 = 1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { MaxGradientNorm = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { Threads = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { Loss = (Loss)9 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { Optimizer = null! }, Throws.ArgumentNullException);
    });

    [Test]
    public void Misfitting_layers_are_refused_when_described() => Assert.Multiple(() =>
    {
        Assert.That(() => new CnnActionValue(4, 5, 35, 84), Throws.ArgumentException.With.Message.Contains("conv3"));
        Assert.That(() => new CnnActionValue(0, 5), Throws.ArgumentException);
        Assert.That(() => new MlpActionValue(4, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sequential([2, 3], true, [new Linear("a", 2)]), Throws.ArgumentException);
        Assert.That(() => new Sequential([2, 3, 3], true, [new Linear("a", 2)]),
            Throws.ArgumentException.With.Message.Contains("Flatten"));
        Assert.That(() => new Sequential([4], false, [new Relu(), new Linear("a", 2)]), Throws.ArgumentException);
        Assert.That(() => new Sequential([4], false, [new Linear("a", 2), new Relu()]), Throws.ArgumentException);
        Assert.That(() => new Sequential([4], false, [new Linear("a", 2), new Linear("a", 2)]),
            Throws.ArgumentException);
        Assert.That(() => new Sequential([4], false, [new Conv2d("a", 2, 1), new Linear("b", 2)]),
            Throws.ArgumentException);
        Assert.That(() => new Conv2d("a", 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Linear("", 1), Throws.ArgumentException);
    });

    [Test]
    public void A_perceptron_learns_a_small_table()
    {
        using QNetwork network = new(new MlpActionValue(2, 2, 16), new Pcg64(1), new QNetworkOptions
        {
            Optimizer = new AdamOptions { LearningRate = 0.01 },
        });
        byte[] observations = MemoryMarshal.AsBytes<float>([0, 0, 0, 1, 1, 0, 1, 1]).ToArray();
        FitResult result = default;
        for (int i = 0; i < 1000; i++)
            result = network.Fit(observations, [0, 1, 1, 0], [1, -1, 2, 0.5f], [], []);
        Assert.That(result.Loss, Is.LessThan(1e-4));
    }

    internal static void FitSome(QNetwork network, int updates, int batch)
    {
        Random random = new(1);
        for (int update = 0; update < updates; update++)
        {
            byte[] observations = LayerTests.Observations(network.Architecture, batch, random);
            int[] actions = [.. Enumerable.Range(0, batch).Select(_ => random.Next(network.ActionCount))];
            float[] targets = LayerTests.Targets(network.Architecture, batch, random);
            LayerTests.Fit(network, observations, actions, targets, [], []);
        }
    }

    internal static string Hash(QNetwork network) => System.Convert.ToHexString(
        System.Security.Cryptography.SHA256.HashData([.. network.GetStateDict().SelectMany(p => p.Value.Data)]));

    private static float[] Evaluate(IQNetwork network)
    {
        var observations = new byte[3 * network.ObservationBytes];
        new Random(3).NextBytes(observations);
        var values = new float[3 * network.ActionCount];
        network.Evaluate(observations, values);
        return values;
    }

    private static StateDict Changed(Func<string, Tensor, Tensor?> change)
    {
        using QNetwork network = new(Small, new Pcg64(9));
        StateDict result = new();
        foreach ((string name, Tensor tensor) in network.GetStateDict())
            if (change(name, tensor) is { } changed)
                result.Add(name, changed);
        return result;
    }

    private static void Refuses(StateDict state, string message)
    {
        using QNetwork network = new(Small, new Pcg64(1));
        string before = Hash(network);
        Assert.That(() => network.LoadStateDict(state), Throws.ArgumentException.With.Message.Contains(message));
        Assert.That(Hash(network), Is.EqualTo(before));
    }

    private static byte[] Save(QNetwork network)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        network.SaveState(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static void Load(QNetwork network, byte[] state)
    {
        using BinaryReader reader = new(new MemoryStream(state));
        network.LoadState(reader);
    }
}
