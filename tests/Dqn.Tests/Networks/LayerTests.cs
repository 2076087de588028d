using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>
/// Whole small networks of odd shapes against the naive twin, with every instruction set that the machine has.
/// </summary>
public class LayerTests
{
    private static readonly InstructionSet[] Supported =
        [.. Enum.GetValues<InstructionSet>().Where(KernelSet.IsSupported)];

    // The naive slopes of a case, the same for every instruction set: they take longest.
    private static readonly Dictionary<string, double> Slopes = [];

    private static IEnumerable<TestCaseData> Cases()
    {
        (string Name, Sequential Architecture)[] architectures =
        [
            ("linear only", new MlpActionValue(3, 2)),
            ("perceptron", new MlpActionValue(5, 3, 37, 70)),
            ("wide perceptron", new MlpActionValue(130, 33, 129)),
            ("one pixel filter", new Sequential([1, 5, 4], true,
                [new Conv2d("c", 3, 1), new Relu(), new Flatten(), new Linear("f", 2)])),
            ("two convolutions", new Sequential([3, 13, 11], true,
            [
                new Conv2d("a", 7, 3, 2), new Relu(), new Conv2d("b", 35, 2), new Relu(), new Flatten(),
                new Linear("c", 19), new Relu(), new Linear("d", 4),
            ])),
            ("stride beyond kernel, no rectifiers", new Sequential([2, 12, 17], true,
            [
                new Conv2d("a", 33, 2, 3), new Conv2d("b", 5, 3, 2), new Flatten(), new Linear("c", 6),
            ])),
            ("float image, four channels, rectifier after flatten", new Sequential([4, 9, 21], false,
            [
                new Conv2d("a", 16, 4, 1), new Flatten(), new Relu(), new Linear("b", 9), new Flatten(), new Relu(),
                new Linear("c", 3),
            ])),
            ("pixels into a linear layer", new Sequential([4, 3, 3], true,
                [new Flatten(), new Linear("a", 40), new Relu(), new Linear("b", 2)])),
            ("deep filters", new Sequential([4, 20, 20], true,
            [
                new Conv2d("a", 64, 8, 4), new Relu(), new Conv2d("b", 70, 2, 1), new Relu(), new Flatten(),
                new Linear("c", 5),
            ])),
            ("categorical", new Sequential([5], false,
                [new Linear("a", 21), new Relu(), new Linear("b", 3 * 11)], new CategoricalDistribution(-2, 3, 11))),
            ("quantiles", new Sequential([5], false,
                [new Linear("a", 21), new Relu(), new Linear("b", 2 * 19)], new QuantileDistribution(19))),
            ("dueling", new MlpActionValue(6, 3, new ActionValueOptions { Dueling = true }, 20, 11)),
            ("dueling without hidden layers", new MlpActionValue(6, 3, new ActionValueOptions { Dueling = true })),
            ("dueling after images, categorical", new Sequential([2, 9, 8], true,
            [
                new Conv2d("a", 6, 3, 2), new Relu(), new Flatten(),
                new Dueling(
                    [new Linear("v1", 13), new Relu(), new Linear("v2", 7)],
                    [new Linear("w1", 9), new Relu(), new Linear("w", 5), new Relu(), new Linear("w2", 4 * 7)]),
            ], new CategoricalDistribution(-1, 1, 7))),
            ("normalised images and features", new Sequential([2, 12, 11], true,
            [
                new Conv2d("a", 6, 3, 2), new LayerNorm("an"), new Relu(), new Conv2d("b", 5, 2), new LayerNorm("bn"),
                new Flatten(), new Relu(), new Linear("c", 19), new LayerNorm("cn"), new Relu(), new Linear("d", 3),
            ])),
            ("normalised after rectifiers, and flat", new Sequential([2, 9, 8], true,
            [
                new Conv2d("a", 6, 3, 2), new Relu(), new LayerNorm("an"), new Flatten(), new LayerNorm("bn"),
                new Linear("c", 19), new Relu(), new LayerNorm("cn"), new Linear("d", 3),
            ])),
            ("noisy", new MlpActionValue(6, 3, new ActionValueOptions { Noisy = true }, 20)),
            ("noisy after images", new Sequential([2, 9, 8], true,
            [
                new Conv2d("a", 6, 3, 2), new Relu(), new Flatten(), new NoisyLinear("b", 11), new Relu(),
                new Linear("c", 8), new NoisyLinear("d", 3, 2),
            ])),
            ("everything", new Sequential([3, 10, 9], true, new ActionValueOptions
            {
                Dueling = true,
                LayerNorm = true,
                Noisy = true,
                Distribution = new QuantileDistribution(9),
            }.Describe([new Conv2d("a", 4, 3, 2), new Conv2d("b", 6, 2)], [23], 3), new QuantileDistribution(9))),
            ("no biases", new Sequential([2, 8, 9], true,
            [
                new Conv2d("x", 6, 3, 2, bias: false), new Relu(), new Conv2d("y", 5, 2, bias: false), new Flatten(),
                new Linear("a", 37, bias: false), new Relu(), new Linear("b", 19, false), new LayerNorm("n"), new Relu(),
                new Linear("c", 3, false),
            ])),
            ("one quantile", new Sequential([5], false, [new Linear("b", 4)], new QuantileDistribution(1))),
        ];
        foreach ((string name, Sequential architecture) in architectures.Concat(MoreArchitectures.All))
            foreach (int batch in new[] { 1, 3, 33 })
                foreach (InstructionSet set in Supported.Where(set => set != InstructionSet.Best))
                    yield return new TestCaseData(name, architecture, batch, set)
                        .SetArgDisplayNames(name, $"{batch}", $"{set}");
    }

    [TestCaseSource(nameof(Cases))]
    public void Values_and_gradients_are_the_naive_ones(
        string caseName, Sequential architecture, int batch, InstructionSet set)
    {
        Random random = new(batch);
        using QNetwork network = new(architecture, new Pcg64(7), new QNetworkOptions
        {
            InstructionSet = set,
            Loss = batch == 1 ? Loss.MeanSquared : Loss.SmoothL1,
            MaxGradientNorm = 1e9,
            Threads = 1 + batch % 2,
        });
        Stir(network, random);
        network.ResampleNoise();
        NaiveNetwork naive = new(architecture, network.GetStateDict()) { Noise = network.Engine.Noise?.Values ?? [] };
        LayerShapes shapes = new();
        shapes.Follow(architecture.Layers, architecture.ObservationShape, "Layer");
        Assert.That(
            shapes.Parameters.Select(one => $"{one.Name} {string.Join(' ', one.Shape)}"),
            Is.EqualTo(network.GetStateDict().Select(one => $"{one.Key} {string.Join(' ', one.Value.Shape)}")));
        byte[] observations = Observations(architecture, batch, random);
        int actions = architecture.ActionCount;
        var values = new float[batch * actions];
        network.Evaluate(observations, values);
        for (int b = 0; b < batch; b++)
        {
            double[] expected = naive.Evaluate(observations.AsSpan(b * architecture.ObservationBytes,
                architecture.ObservationBytes));
            Assert.That(values.AsSpan(b * actions, actions).ToArray(), Is.EqualTo(expected).Within(3e-6), $"item {b}");
        }

        int[] taken = [.. Enumerable.Range(0, batch).Select(_ => random.Next(actions))];
        float[] targets = Targets(architecture, batch, random);
        float[] weights = batch == 3 ? [0.5f, 2, 0.1f] : [];
        var errors = new float[batch];
        FitResult result = network.Fit(observations, taken, targets, weights, errors);
        double Naive() => naive.LossOf(network.Options.Loss, observations, taken, targets, weights);
        Assert.That(result.Loss, Is.EqualTo(Naive()).Within(1e-6 * (1 + result.Loss)));
        Assert.That(
            errors, Is.EqualTo(Enumerable.Range(0, batch).Select(b =>
                TargetValue(b) - values[b * actions + taken[b]])).Within(2e-6));
        Assert.That(
            result.MeanValue, Is.EqualTo(Enumerable.Range(0, batch).Average(b =>
                values[b * actions + taken[b]])).Within(1e-6));

        // Every parameter of the small ones, samples of the large ones.
        StateDict gradients = network.GetGradients();
        double squares = 0;
        foreach ((string name, Tensor tensor) in gradients)
        {
            float[] gradient = MemoryMarshal.Cast<byte, float>(tensor.Data).ToArray();
            squares += gradient.Sum(g => (double)g * g);
            double typical = Math.Sqrt(gradient.Average(g => (double)g * g));
            int step = Math.Max(1, gradient.Length / 3) | 1;
            for (int i = random.Next(step); i < gradient.Length; i += step)
            {
                string key = $"{caseName} {batch} {name} {i}";
                if (!Slopes.TryGetValue(key, out double slope))
                    Slopes[key] = slope = naive.Slope(name, i, Naive);
                Assert.That(gradient[i], Is.EqualTo(slope).Within(1e-4 * (typical + Math.Abs(slope)) + 1e-7),
                    $"{name}[{i}]");
            }
        }

        Assert.That(result.GradientNorm, Is.EqualTo(Math.Sqrt(squares)).Within(1e-5 * Math.Sqrt(squares)));

        float TargetValue(int b) => architecture.Distribution.Expectation(
            targets.AsSpan(b * architecture.Distribution.Atoms, architecture.Distribution.Atoms));
    }

    [Test]
    public void Instruction_sets_with_multiply_add_agree_to_the_bit_and_so_do_batches()
    {
        Sequential architecture = new CnnActionValue(3, 5, 52, 44);
        byte[] observations = Observations(architecture, 9, new Random(1));
        float[]? first = null, trained = null;
        foreach (InstructionSet set in Supported.Where(set => set != InstructionSet.Portable))
        {
            using QNetwork network = new(architecture, new Pcg64(3), new QNetworkOptions { InstructionSet = set });
            var values = new float[9 * 5];
            network.Evaluate(observations, values);
            Assert.That(values, Is.EqualTo(first ??= [.. values]), $"{set}");
            for (int b = 0; b < 9; b++)
            {
                network.Evaluate(
                    observations.AsSpan(b * network.ObservationBytes, network.ObservationBytes),
                    values.AsSpan(b * 5, 5));
            }

            Assert.That(values, Is.EqualTo(first), $"{set}, one by one");
            for (int i = 0; i < 3; i++)
                network.Fit(observations, [0, 1, 2, 3, 4, 0, 1, 2, 3], new float[9], [], []);
            network.Evaluate(observations, values);
            Assert.That(values, Is.EqualTo(trained ??= [.. values]), $"{set}, trained");
        }
    }

    [Test]
    public void What_is_no_number_passes_rectifiers_poolings_and_blocks([Values(0, 17)] int channel)
    {
        Sequential architecture = new([18, 6, 6], false,
        [
            new Relu(), new MaxPool2d(2, 1), new Relu(), new Residual([new Relu()]), new Relu(), new AvgPool2d(2),
            new AdaptiveMaxPool2d(1, 2), new Flatten(), new Linear("a", 2),
        ]);
        foreach (InstructionSet set in Supported)
        {
            using QNetwork network = new(architecture, new Pcg64(1), new QNetworkOptions { InstructionSet = set });
            var observation = new float[18 * 6 * 6];
            observation[channel * 36 + 8] = float.NaN;
            var values = new float[2];
            network.Evaluate(MemoryMarshal.AsBytes<float>(observation), values);
            Assert.That(values, Is.All.NaN, $"{set}");
        }
    }

    /// <summary>Makes constant parameters, LayerNorm's and noisy layers', others than they are at first.</summary>
    private static void Stir(QNetwork network, Random random)
    {
        StateDict state = new();
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            float[] values = tensor.ToSingles();
            if (values.Distinct().Count() == 1)
                values = Array.ConvertAll(values, v => v + 0.5f * random.NextSingle());
            state.Add(name, Tensor.FromSingles(values, tensor.Shape.AsSpan()));
        }

        network.LoadStateDict(state);
    }

    /// <summary>Values around 0, or as many distributions; probabilities add up to 1.</summary>
    internal static float[] Targets(Sequential architecture, int batch, Random random)
    {
        int atoms = architecture.Distribution.Atoms;
        float[] targets = [.. Enumerable.Range(0, batch * atoms).Select(_ => 3 * random.NextSingle() - 1.5f)];
        if (architecture.Distribution is not CategoricalDistribution)
            return targets;
        return [.. targets.Chunk(atoms).SelectMany(t => t.Select(v => MathF.Abs(v) / t.Sum(MathF.Abs)))];
    }

    internal static byte[] Observations(Sequential architecture, int batch, Random random)
    {
        var bytes = new byte[batch * architecture.ObservationBytes];
        if (architecture.Pixels)
            random.NextBytes(bytes);
        else
            foreach (ref float value in MemoryMarshal.Cast<byte, float>(bytes.AsSpan()))
                value = 2 * random.NextSingle() - 1;
        return bytes;
    }
}
