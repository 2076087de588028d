using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>What every engine promises: the same tests for each, the adapters' included.</summary>
public abstract partial class QNetworkContract
{
    protected static readonly Sequential Small = new(
        [2, 10, 9], true, [new Conv2d("conv", 5, 3, 2), new Relu(), new Flatten(), new Linear("fc", 3)]);

    protected static readonly OptimizerOptions[] Optimizers =
    [
        new RmsPropOptions(), new RmsPropOptions { Centered = true, Momentum = 0.9 },
        new RmsPropOptions { Momentum = 0.5 },
        new AdamOptions(), new RAdamOptions(),
    ];

    /// <summary>Makes a network on the engine under test.</summary>
    protected abstract IQNetwork Make(Sequential architecture, ulong seed, QNetworkOptions? options = null);

    /// <summary>The loss's gradients of the last fit, by name; only asked for where there is clipping.</summary>
    protected abstract StateDict Gradients(IQNetwork network);

    [Test]
    public void Parameters_start_as_PyTorchs()
    {
        using IQNetwork network = Make(new CnnActionValue(4, 5), 1);
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
        using IQNetwork network = Make(Small, 1), other = Make(Small, 2);
        Assert.That(Hash(other), Is.Not.EqualTo(Hash(network)));
        other.LoadStateDict(network.GetStateDict());
        Assert.That(Hash(other), Is.EqualTo(Hash(network)));
        Assert.That(Evaluate(other), Is.EqualTo(Evaluate(network)));
    }

    [Test]
    public void Weights_written_by_PyTorch_load()
    {
        using IQNetwork network = Make(GoldenLearning.Architecture, 1), golden = MakeGolden(1);
        network.LoadStateDict(StateDictFile.Read(GoldenFiles.PathOf("learning/cnn-action-value.pt")));
        Assert.That(Hash(network), Is.EqualTo(Hash(golden)));
    }

    [Test]
    public void Weights_count_each_items_loss_and_errors_are_those_before_the_step()
    {
        QNetworkOptions clipped = new() { MaxGradientNorm = 1e9 };
        using IQNetwork network = Make(Small, 1, clipped), other = Make(Small, 1, clipped);
        byte[] observations = new byte[3 * network.ObservationBytes];
        new Random(2).NextBytes(observations);
        float[] values = new float[9], errors = new float[3];
        network.Evaluate(observations, values);
        FitResult result = network.Fit(observations, [0, 2, 1], [1, 2, -1], [0, 2, 0.5f], errors);
        float[] expected = [1 - values[0], 2 - values[5], -1 - values[7]];
        Assert.That(errors, Is.EqualTo(expected).Within(1e-5));
        Assert.That(result.MeanValue, Is.EqualTo((values[0] + values[5] + values[7]) / 3).Within(1e-5));
        double loss = (2 * expected[1] * expected[1] + 0.5 * expected[2] * expected[2]) / 3;
        Assert.That(result.Loss, Is.EqualTo(loss).Within(1e-5 * loss));

        // An item of weight 0 teaches nothing: the same step without it, its share of the mean aside.
        other.Fit(
            observations.AsSpan(network.ObservationBytes), [2, 1], [2, -1], [2f * 2 / 3, 0.5f * 2 / 3], []);
        float[] one = GoldenLearning.Values(Gradients(network), "fc.weight");
        Assert.That(
            GoldenLearning.Values(Gradients(other), "fc.weight"), Is.EqualTo(one).Within(1e-5 * one.Max(Math.Abs)));
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
        using IQNetwork network = Make(Small, 1);
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
        using IQNetwork network = Make(Small, 1, options), restored = Make(Small, 2, options);
        Learn(network, 7, 8);
        Learn(restored, 3, 8);
        byte[] state = Save(network);
        Load(restored, state);
        Assert.That(Save(restored), Is.EqualTo(state));
        Learn(network, 5, 8);
        Learn(restored, 5, 8);
        Assert.That(Save(restored), Is.EqualTo(Save(network)));
    }

    [Test]
    public void Other_architectures_optimizers_and_damage_are_refused()
    {
        using IQNetwork network = Make(Small, 1);
        Learn(network, 1, 4);
        byte[] state = Save(network);
        using IQNetwork other = Make(
            new Sequential([2, 10, 9], true,
                [new Conv2d("conv", 6, 3, 2), new Relu(), new Flatten(), new Linear("fc", 3)]), 1);
        Assert.That(() => Load(other, state),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("[6, 2, 3, 3]"));
        using IQNetwork adam = Make(Small, 1, new QNetworkOptions { Optimizer = new AdamOptions() });
        Assert.That(() => Load(adam, state), Throws.TypeOf<InvalidDataException>().With.Message.Contains("RMSprop"));
        string before = Hash(network);
        for (int length = 0; length < state.Length; length += 37)
            Assert.That(() => Load(network, state[..length]), Throws.TypeOf<InvalidDataException>(), $"{length} bytes");
        Assert.That(() => Load(network, new byte[100]), Throws.TypeOf<InvalidDataException>());
        Assert.That(Hash(network), Is.EqualTo(before));
    }

    [Test]
    public void CloneMayValueTheQuantilesOtherwise()
    {
        var options = new ActionValueOptions { Distribution = new QuantileDistribution(8) };
        using IQNetwork network = Make(new MlpActionValue(3, 2, options, 5), 1);
        using IQNetwork averse = ((IRiskAware)network).CloneAtRisk(0.25);
        byte[] observations = MemoryMarshal.AsBytes<float>([1, -2, 3]).ToArray();
        float[] distributions = new float[16], same = new float[16], values = new float[2];
        network.EvaluateDistributions(observations, distributions);
        averse.EvaluateDistributions(observations, same);
        averse.Evaluate(observations, values);
        Assert.That(same, Is.EqualTo(distributions));
        Assert.That(values, Is.EqualTo(new[] { distributions[..2].Average(), distributions[8..10].Average() }).Within(1e-6));
        network.Evaluate(observations, values);
        Assert.That(values[0], Is.EqualTo(distributions[..8].Average()).Within(1e-6));

        // It follows the other, as an average does, and goes into a file with its way to value.
        using IQNetwork next = Make(new MlpActionValue(3, 2, options, 5), 2);
        averse.MoveParametersTowards(next, 1);
        next.EvaluateDistributions(observations, distributions);
        averse.Evaluate(observations, values);
        Assert.That(values[0], Is.EqualTo(distributions[..2].Average()).Within(1e-6));
        Assert.That(averse.Architecture!.Distribution, Is.EqualTo(new QuantileDistribution(8, 0.25)));

        Assert.That(() => ((IRiskAware)network).CloneAtRisk(1.5), Throws.TypeOf<ArgumentOutOfRangeException>());
        using IQNetwork plain = Make(new MlpActionValue(3, 2, 5), 1);
        Assert.That(
            () => ((IRiskAware)plain).CloneAtRisk(0.5),
            Throws.InvalidOperationException.With.Message.Contains("SingleValue"));
    }

    [Test]
    public void A_clone_is_independent_until_copied_to()
    {
        using IQNetwork network = Make(Small, 1);
        IQNetwork clone = network.Clone();
        Assert.That(Evaluate(clone), Is.EqualTo(Evaluate(network)));
        float[] before = Evaluate(clone);
        Learn(network, 3, 4);
        Assert.That(Evaluate(clone), Is.EqualTo(before));
        Assert.That(Evaluate(network), Is.Not.EqualTo(before));
        clone.CopyParametersFrom(network);
        Assert.That(Evaluate(clone), Is.EqualTo(Evaluate(network)));
        network.Dispose();
        Assert.That(Evaluate(clone), Is.Not.EqualTo(before));
        Assert.That(() => Evaluate(network), Throws.TypeOf<ObjectDisposedException>());
        using IQNetwork other = Make(new MlpActionValue(4, 2), 1);
        Assert.That(() => clone.CopyParametersFrom(other), Throws.ArgumentException);
        clone.Dispose();
    }

    [Test]
    public void A_changed_learning_rate_counts_from_the_next_fit([Values] bool adam)
    {
        using IQNetwork network = MakeWith(0.001), changed = MakeWith(0.1);
        Assert.That(network.LearningRate, Is.EqualTo(0.001));
        changed.LearningRate = 0.001;
        Learn(network, 2, 4);
        Learn(changed, 2, 4);
        Assert.That(Hash(changed), Is.EqualTo(Hash(network)));
        foreach (double rate in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.That(() => network.LearningRate = rate, Throws.TypeOf<ArgumentOutOfRangeException>());

        IQNetwork MakeWith(double rate) => Make(Small, 1, new QNetworkOptions
        {
            Optimizer = adam ? new AdamOptions { LearningRate = rate } : new RmsPropOptions { LearningRate = rate },
        });
    }

    [Test]
    public void Parameters_move_by_a_fraction_of_the_way()
    {
        using IQNetwork online = Make(Small, 1), target = Make(Small, 2), mlp = Make(new MlpActionValue(4, 2), 1);
        StateDict goals = online.GetStateDict(), before = target.GetStateDict();
        target.MoveParametersTowards(online, 0.125f);
        foreach ((string name, Tensor tensor) in target.GetStateDict())
        {
            double[] from = before[name].ToDoubles(), to = goals[name].ToDoubles();
            Assert.That(
                tensor.ToDoubles(), Is.EqualTo(from.Zip(to, (f, t) => f + 0.125 * (t - f))).Within(5e-8), name);
        }

        target.MoveParametersTowards(online, 1);
        Assert.That(Hash(target), Is.EqualTo(Hash(online)));
        Assert.That(() => target.MoveParametersTowards(mlp, 0.5f), Throws.ArgumentException);
        Assert.That(
            () => target.MoveParametersTowards(online, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(Hash(target), Is.EqualTo(Hash(online)));
    }

    [Test]
    public void Bad_calls_are_named()
    {
        using IQNetwork network = Make(Small, 1);
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
        });
    }

    [Test]
    public void A_perceptron_learns_a_small_table()
    {
        using IQNetwork network = Make(new MlpActionValue(2, 2, 16), 1, new QNetworkOptions
        {
            Optimizer = new AdamOptions { LearningRate = 0.01 },
        });
        byte[] observations = MemoryMarshal.AsBytes<float>([0, 0, 0, 1, 1, 0, 1, 1]).ToArray();
        FitResult result = default;
        for (int i = 0; i < 1000; i++)
            result = network.Fit(observations, [0, 1, 1, 0], [1, -1, 2, 0.5f], [], []);
        Assert.That(result.Loss, Is.LessThan(1e-4));
    }

    /// <summary>Some updates of a network for pixels.</summary>
    protected static void Learn(IQNetwork network, int updates, int batch)
    {
        Random random = new(1);
        var observations = new byte[batch * network.ObservationBytes];
        for (int update = 0; update < updates; update++)
        {
            random.NextBytes(observations);
            int[] actions = [.. Enumerable.Range(0, batch).Select(_ => random.Next(network.ActionCount))];
            float[] targets = [.. Enumerable.Range(0, batch).Select(_ => random.NextSingle())];
            network.Fit(observations, actions, targets, [], []);
        }
    }

    protected internal static string Hash(IQNetwork network) => Convert.ToHexString(
        SHA256.HashData([.. network.GetStateDict().SelectMany(p => p.Value.Data)]));

    protected static byte[] Save(IQNetwork network)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        network.SaveState(writer);
        writer.Flush();
        return stream.ToArray();
    }

    protected static void Load(IQNetwork network, byte[] state)
    {
        using BinaryReader reader = new(new MemoryStream(state));
        network.LoadState(reader);
    }

    protected static float[] Evaluate(IQNetwork network)
    {
        var observations = new byte[3 * network.ObservationBytes];
        new Random(3).NextBytes(observations);
        var values = new float[3 * network.ActionCount];
        network.Evaluate(observations, values);
        return values;
    }

    private StateDict Changed(Func<string, Tensor, Tensor?> change)
    {
        using IQNetwork network = Make(Small, 9);
        StateDict result = new();
        foreach ((string name, Tensor tensor) in network.GetStateDict())
            if (change(name, tensor) is { } changed)
                result.Add(name, changed);
        return result;
    }

    private void Refuses(StateDict state, string message)
    {
        using IQNetwork network = Make(Small, 1);
        string before = Hash(network);
        Assert.That(() => network.LoadStateDict(state), Throws.ArgumentException.With.Message.Contains(message));
        Assert.That(Hash(network), Is.EqualTo(before));
    }
}
