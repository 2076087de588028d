using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Threading;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>What <see cref="ActionValueOptions"/> add to the ready networks keeps the plain ones' promises.</summary>
public class VariantTests
{
    private static readonly ActionValueOptions Everything = new()
    {
        Dueling = true,
        LayerNorm = true,
        Noisy = true,
        Distribution = new CategoricalDistribution(-5, 5, 21),
    };

    private static IEnumerable<TestCaseData> Variants()
    {
        yield return Case("dueling", new() { Dueling = true });
        yield return Case("normalised", new() { LayerNorm = true });
        yield return Case("noisy", new() { Noisy = true });
        yield return Case("categorical", new() { Distribution = new CategoricalDistribution(-5, 5, 21) });
        yield return Case("quantiles", new() { Distribution = new QuantileDistribution(21) });
        yield return Case("implicit quantiles", new() { Distribution = new ImplicitQuantileDistribution(5, 3) });
        yield return Case("everything", Everything);
        yield return Case(
            "everything, implicit quantiles", Everything with { Distribution = new ImplicitQuantileDistribution(4, 8) });

        static TestCaseData Case(string name, ActionValueOptions options) =>
            new TestCaseData(options).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Variants))]
    public void Same_weights_whatever_the_number_of_threads(ActionValueOptions options)
    {
        string[] hashes = [.. new[] { 1, 2, 3 }.Select(threads => Train(threads, 1e9))];
        Assert.That(hashes, Is.All.EqualTo(hashes[0]));
        Assert.That(
            Train(2, double.PositiveInfinity), Is.EqualTo(hashes[0]), "Whether layers update at once or later.");

        string Train(int threads, double maxNorm)
        {
            using QNetwork network = Make(options, threads, maxNorm);
            TrainSome(network, 6);
            return QNetworkTests.Hash(network);
        }
    }

    [TestCaseSource(nameof(Variants))]
    public void Instruction_sets_with_multiply_add_agree_to_the_bit(ActionValueOptions options)
    {
        string? first = null;
        foreach (InstructionSet set in Enum.GetValues<InstructionSet>().Where(KernelSet.IsSupported))
        {
            if (set == InstructionSet.Portable)
                continue;
            using QNetwork network = new(
                new SmallCnnActionValue(2, 3, 28, 24, options), new Pcg64(5),
                new QNetworkOptions { InstructionSet = set, Threads = 1 });
            TrainSome(network, 3);
            Assert.That(QNetworkTests.Hash(network), Is.EqualTo(first ??= QNetworkTests.Hash(network)), $"{set}");
        }
    }

    [TestCaseSource(nameof(Variants))]
    public void Values_have_the_same_bits_in_any_batch_while_the_noise_stays(ActionValueOptions options)
    {
        using QNetwork network = Make(options, 2);
        network.ResampleNoise();
        byte[] observations = LayerTests.Observations(network.Architecture, 9, new Random(1));
        float[] values = new float[9 * 3], one = new float[3];
        network.Evaluate(observations, values);
        for (int i = 0; i < 9; i++)
        {
            network.Evaluate(observations.AsSpan(i * network.ObservationBytes, network.ObservationBytes), one);
            Assert.That(one, Is.EqualTo(values[(3 * i)..(3 * i + 3)]), $"item {i}");
        }

        Assert.That(network.IsBatchInvariant, Is.EqualTo(!options.Noisy), "Noise changes values.");
    }

    [TestCaseSource(nameof(Variants))]
    public void Nothing_is_allocated_once_warm(ActionValueOptions options)
    {
        using QNetwork network = Make(options, 2);
        int atoms = options.Distribution.Atoms;
        byte[] observations = LayerTests.Observations(network.Architecture, 16, new Random(1));
        float[] values = new float[16 * 3], distributions = new float[16 * 3 * atoms], errors = new float[16];
        float[] targets = LayerTests.Targets(network.Architecture, 16, new Random(2));
        var actions = new int[16];
        Once();
        Assert.That(Allocations.Of(() =>
        {
            for (int i = 0; i < 10; i++)
                Once();
        }), Is.Zero);

        void Once()
        {
            network.ResampleNoise();
            network.Evaluate(observations, values);
            network.EvaluateDistributions(observations, distributions);
            network.Fit(observations, actions, targets, [], errors);
            network.ClearNoise();
            network.Evaluate(observations.AsSpan(0, network.ObservationBytes), values.AsSpan(0, 3));
        }
    }

    [TestCaseSource(nameof(Variants))]
    public void A_restored_network_goes_on_as_if_nothing_had_happened(ActionValueOptions options)
    {
        using QNetwork network = Make(options), restored = new(network.Architecture, new Pcg64(9));
        TrainSome(network, 3);
        byte[] state = State(network);
        using (BinaryReader reader = new(new MemoryStream(state)))
            restored.LoadState(reader);
        Assert.That(State(restored), Is.EqualTo(state));
        Assert.That(Values(restored), Is.EqualTo(Values(network)), "With the noise that there was.");
        TrainSome(network, 3);
        TrainSome(restored, 3);
        Assert.That(State(restored), Is.EqualTo(State(network)));
        string before = QNetworkTests.Hash(network);
        Assert.That(() => network.LoadState(new BinaryReader(new MemoryStream(state[..^1]))),
            Throws.TypeOf<InvalidDataException>());
        Assert.That(QNetworkTests.Hash(network), Is.EqualTo(before));
    }

    [Test]
    public void Parameters_are_named_as_in_PyTorch()
    {
        Assert.That(Names(new() { Dueling = true }), Is.EqualTo(new[]
        {
            "conv1.weight [32, 2, 8, 8]", "conv1.bias [32]", "conv2.weight [64, 32, 4, 4]", "conv2.bias [64]",
            "conv3.weight [64, 64, 3, 3]", "conv3.bias [64]", "value1.weight [512, 64]", "value1.bias [512]",
            "value2.weight [1, 512]", "value2.bias [1]", "advantage1.weight [512, 64]", "advantage1.bias [512]",
            "advantage2.weight [3, 512]", "advantage2.bias [3]",
        }));
        Assert.That(Names(new() { LayerNorm = true }), Is.SupersetOf(new[]
        {
            "conv1_norm.weight [32, 8, 8]", "conv1_norm.bias [32, 8, 8]", "conv3_norm.weight [64, 1, 1]",
            "fc1_norm.weight [512]", "fc2.bias [3]",
        }));
        Assert.That(Names(new() { Noisy = true, Distribution = new QuantileDistribution(7) }), Is.SupersetOf(new[]
        {
            "fc1.weight_mu [512, 64]", "fc1.weight_sigma [512, 64]", "fc1.bias_mu [512]", "fc1.bias_sigma [512]",
            "fc2.weight_mu [21, 512]", "fc2.bias_sigma [21]",
        }));

        static string[] Names(ActionValueOptions options)
        {
            using QNetwork network = new(new CnnActionValue(2, 3, 36, 36, options), new Pcg64(1));
            return [.. network.GetStateDict().Select(p => $"{p.Key} {Tensor.Format(p.Value.Shape)}")];
        }
    }

    [Test]
    public void The_small_network_is_that_of_2013()
    {
        using QNetwork network = new(new SmallCnnActionValue(4, 5), new Pcg64(1));
        Assert.That(network.GetStateDict().Select(p => $"{p.Key} {Tensor.Format(p.Value.Shape)}"), Is.EqualTo(new[]
        {
            "conv1.weight [16, 4, 8, 8]", "conv1.bias [16]", "conv2.weight [32, 16, 4, 4]", "conv2.bias [32]",
            "fc1.weight [256, 2592]", "fc1.bias [256]", "fc2.weight [5, 256]", "fc2.bias [5]",
        }));
    }

    [Test]
    public void Dueling_by_hand()
    {
        // The value is the feature, the advantages its double and its negative: x + 2x − x/2, x − x − x/2.
        using QNetwork network = new(new MlpActionValue(1, 2, new ActionValueOptions { Dueling = true }), new Pcg64(1));
        StateDict state = new();
        state.Add("value1.weight", Tensor.FromSingles([1], 1, 1));
        state.Add("value1.bias", Tensor.FromSingles([0], 1));
        state.Add("advantage1.weight", Tensor.FromSingles([2, -1], 2, 1));
        state.Add("advantage1.bias", Tensor.FromSingles([0, 0], 2));
        network.LoadStateDict(state);
        var values = new float[2];
        network.Evaluate(MemoryMarshal.AsBytes<float>([4]), values);
        Assert.That(values, Is.EqualTo(new float[] { 10, -2 }));
    }

    [Test]
    public void Normalisation_starts_as_PyTorchs()
    {
        using QNetwork network = new(new SmallCnnActionValue(2, 3, 28, 28, new() { LayerNorm = true }), new Pcg64(1));
        StateDict state = network.GetStateDict();
        Assert.That(state["conv2_norm.weight"].ToSingles(), Is.All.EqualTo(1));
        Assert.That(state["conv2_norm.bias"].ToSingles(), Is.All.EqualTo(0));
    }

    [Test]
    public void Noise_is_there_from_a_draw_until_cleared_and_starts_as_the_papers()
    {
        using QNetwork network = Make(new() { Noisy = true });
        float[] sigma = network.GetStateDict()["fc1.weight_sigma"].ToSingles();
        Assert.That(sigma, Is.All.EqualTo((float)(0.5 / Math.Sqrt(32))));
        Assert.That(network.GetStateDict()["fc1.bias_sigma"].ToSingles(), Is.All.EqualTo((float)(0.5 / Math.Sqrt(32))));
        float[] mean = Values(network);
        network.ResampleNoise();
        float[] first = Values(network);
        network.ResampleNoise();
        float[] second = Values(network);
        Assert.That(first, Is.Not.EqualTo(mean));
        Assert.That(second, Is.Not.EqualTo(mean).And.Not.EqualTo(first));
        using QNetwork clone = network.Clone();
        Assert.That(Values(clone), Is.EqualTo(mean), "A clone has no noise until it draws its own.");
        network.ResampleNoise();
        clone.ResampleNoise();
        Assert.That(Values(clone), Is.Not.EqualTo(Values(network)).And.Not.EqualTo(mean));
        network.ClearNoise();
        Assert.That(Values(network), Is.EqualTo(mean));
    }

    [Test]
    public void The_noises_of_a_layer_are_the_signed_roots_of_normal_numbers()
    {
        using QNetwork network = new(
            new MlpActionValue(20_000, 1, new ActionValueOptions { Noisy = true }), new Pcg64(1));
        network.ResampleNoise();
        double[] normal = [.. network.Engine.Noise!.Values[0][0].Select(v => (double)v * Math.Abs(v))];
        Assert.That(normal.Average(), Is.EqualTo(0).Within(0.03));
        Assert.That(normal.Average(v => v * v), Is.EqualTo(1).Within(0.05));
        Assert.That(normal.Average(v => v * v * v * v), Is.EqualTo(3).Within(0.4));
        Assert.That(normal.Count(v => v < -1) / 20_000.0, Is.EqualTo(0.1587).Within(0.01));
    }

    [Test]
    public void An_update_without_noise_leaves_sigma_alone()
    {
        using QNetwork network = Make(new() { Noisy = true });
        StateDict before = network.GetStateDict();
        QNetworkTests.FitSome(network, 2, 4);
        StateDict after = network.GetStateDict();
        foreach (string name in before.Names)
        {
            Assert.That(after[name].Data, name.EndsWith("sigma", StringComparison.Ordinal)
                ? Is.EqualTo(before[name].Data)
                : Is.Not.EqualTo(before[name].Data), name);
        }
    }

    [Test]
    public void Options_of_the_plain_networks_change_nothing()
    {
        using QNetwork plain = new(new CnnActionValue(4, 5), new Pcg64(1));
        using QNetwork options = new(new CnnActionValue(4, 5, options: new ActionValueOptions()), new Pcg64(1));
        Assert.That(QNetworkTests.Hash(options), Is.EqualTo(QNetworkTests.Hash(plain)));
        Assert.That(new CnnActionValue(4, 5).Layers, Is.EqualTo(new Layer[]
        {
            new Conv2d("conv1", 32, 8, 4), new Relu(), new Conv2d("conv2", 64, 4, 2), new Relu(),
            new Conv2d("conv3", 64, 3, 1), new Relu(), new Flatten(), new Linear("fc1", 512), new Relu(),
            new Linear("fc2", 5),
        }));
    }

    [Test]
    public void Misfitting_layers_are_refused_when_described() => Assert.Multiple(() =>
    {
        Linear one = new("a", 1), two = new("b", 2), three = new("c", 3);
        Assert.That(() => new Dueling([], [one]), Throws.ArgumentException);
        Assert.That(() => new Dueling([one, new Relu()], [two]), Throws.ArgumentException);
        Assert.That(() => new Dueling([two], [three]), Throws.ArgumentException.With.Message.Contains("got 3"));
        Assert.That(() => new Sequential([4], false, [new Dueling([one], [one])]),
            Throws.ArgumentException.With.Message.Contains("'a'"));
        Assert.That(() => new Sequential([4], false, [new Dueling([new MaxPool2d(2), one], [two])]),
            Throws.ArgumentException.With.Message.Contains("Layer 0, value 0"));
        Assert.That(() => new Sequential([4], false, [new Dueling([one], [two]), three]), Throws.ArgumentException);
        Assert.That(() => new Sequential([4], false, [new Dueling([one], [two])], new QuantileDistribution(2)),
            Throws.ArgumentException.With.Message.Contains("2 features, got 1"));
        Assert.That(() => new Sequential([2, 3, 3], false, [new Dueling([one], [two])]),
            Throws.ArgumentException.With.Message.Contains("Flatten"));
        Assert.That(() => new LayerNorm(" "), Throws.ArgumentException);
        Assert.That(() => new NoisyLinear("a", 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new NoisyLinear("a", 1, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CnnActionValue(4, 0, options: Everything), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(new Dueling([one], [two]), Is.EqualTo(new Dueling([new Linear("a", 1)], [new Linear("b", 2)])));
        Assert.That(new Dueling([one], [two]), Is.Not.EqualTo(new Dueling([one], [three])));
    });

    private static QNetwork Make(
        ActionValueOptions options, int threads = 1, double maxNorm = double.PositiveInfinity) => new(
        new SmallCnnActionValue(2, 3, 20, 20, options), new Pcg64(5),
        new QNetworkOptions { Threads = threads, MaxGradientNorm = maxNorm }, TestPool.ManyThreads);

    private static void TrainSome(QNetwork network, int updates)
    {
        for (int i = 0; i < updates; i++)
        {
            network.ResampleNoise();
            QNetworkTests.FitSome(network, 1, 32);
        }
    }

    private static float[] Values(QNetwork network)
    {
        byte[] observations = LayerTests.Observations(network.Architecture, 2, new Random(3));
        var values = new float[2 * network.ActionCount];
        network.Evaluate(observations, values);
        return values;
    }

    private static byte[] State(QNetwork network)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        network.SaveState(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
