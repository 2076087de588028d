using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Onnx;
using Dqn.Values;

namespace Dqn.Tests.Onnx;

/// <summary>Of every architecture, ONNX Runtime's values are ours.</summary>
public class ExportedValuesTests
{
    private const double Tolerance = 1e-5;

    private static readonly Dictionary<string, ValueDistribution> s_distributions = new()
    {
        ["single"] = new SingleValue(),
        ["categorical"] = new CategoricalDistribution(-3, 20, 21),
        ["quantile"] = new QuantileDistribution(9),
        ["quantile at risk"] = new QuantileDistribution(9, 0.25),
        ["implicit quantile"] = new ImplicitQuantileDistribution(6),
        ["implicit quantile at risk"] = new ImplicitQuantileDistribution(8, 2, 0.25),
    };

    private static IEnumerable<TestCaseData> Ready()
    {
        foreach ((string name, ValueDistribution distribution) in s_distributions)
        {
            foreach ((bool dueling, bool norm, bool noisy) in
                new[] { (false, false, false), (true, false, false), (false, true, false), (false, false, true), (true, true, true) })
            {
                var options = new ActionValueOptions { Dueling = dueling, LayerNorm = norm, Noisy = noisy, Distribution = distribution };
                string has = $"{name}{(dueling ? ", dueling" : "")}{(norm ? ", norm" : "")}{(noisy ? ", noisy" : "")}";
                yield return Case($"Cnn, {has}", new CnnActionValue(4, 5, 40, 44, options));
                yield return Case($"SmallCnn, {has}", new SmallCnnActionValue(2, 3, 36, 30, options));
                yield return Case($"CompactCnn, {has}", new CompactCnnActionValue(4, 5, options: options));
                yield return Case($"TinyCnn, {has}", new TinyCnnActionValue(4, 6, options: options));
                yield return Case($"Mlp, {has}", new MlpActionValue(6, 4, options, 32, 16));
            }
        }
    }

    private static IEnumerable<TestCaseData> Own()
    {
        Linear end = new("end", 3);
        yield return Image("padded convolution", new Conv2d("c", 4, 3, stride: 2, padding: 2), new Flatten(), end);
        yield return Image("no biases", new Conv2d("c", 4, 3, bias: false), new Relu(), new Flatten(), new Linear("end", 3, bias: false));
        yield return Image("spectral normalisation", new Conv2d("c", 4, 3, padding: 1, spectralNorm: true), new Relu(),
            new Conv2d("d", 5, 2, bias: false, spectralNorm: true), new Flatten(), end);
        yield return Case("Impala", new ImpalaCnnActionValue(4, 3, 30, 27));
        yield return Case("Impala, all of it", new ImpalaCnnActionValue(
            2, 3, 40, 43, new() { Dueling = true, Noisy = true, LayerNorm = true, Distribution = s_distributions["implicit quantile"] },
            hidden: 32, pool: 4, spectralNorm: true));
        yield return Image("maximum", new MaxPool2d(2), new Flatten(), end);
        yield return Image("padded maximum", new Conv2d("c", 4, 1), new MaxPool2d(3, 2, 1), new Flatten(), end);
        yield return Image("mean", new AvgPool2d(3, 2), new Flatten(), end);
        yield return Image("padded mean", new Conv2d("c", 4, 1), new AvgPool2d(3, 2, 1), new Flatten(), end);
        yield return Image("maxima that divide", new AdaptiveMaxPool2d(5, 3), new Flatten(), end);
        yield return Image("maxima that overlap", new Conv2d("c", 4, 1), new AdaptiveMaxPool2d(4, 5), new Flatten(), end);
        yield return Image("means that divide", new AdaptiveAvgPool2d(5, 3), new Flatten(), end);
        yield return Image("means that overlap", new AdaptiveAvgPool2d(4, 7), new Flatten(), end);
        yield return Image("one mean", new Conv2d("c", 8, 3), new Relu(), new AdaptiveAvgPool2d(1, 1), new Flatten(), end);
        yield return Image("flat at once", new Flatten(), end);
        yield return Image("rectified at once", new Relu(), new Flatten(), end);
        yield return Image("normalised image", new LayerNorm("n"), new Flatten(), end);
        yield return Image("residual image", new Conv2d("c", 4, 3, padding: 1), new MaxPool2d(3, 2, 1),
            new Residual([new Relu(), new Conv2d("r1", 4, 3, padding: 1), new Relu(), new Conv2d("r2", 4, 3, padding: 1)]),
            new Relu(), new Flatten(), end);
        yield return Image("residual within", new Conv2d("c", 4, 3, padding: 1),
            new Residual([new LayerNorm("n"), new Residual([new Conv2d("r", 4, 1), new Relu()])]), new Flatten(), end);
        yield return Image("residual of a flat image", new Conv2d("c", 2, 3), new Flatten(), new Residual([new Linear("r", 260)]), end);
        yield return Image("own layer among images", new Conv2d("c", 4, 3), new Swish("own"), new Flatten(), end);
        yield return Features("own layer", new Linear("in", 8), new Swish("own"), end);
        yield return Features("own layer last", new Linear("in", 3), new Swish("own"));
        yield return Features("residual", new Linear("in", 8), new Residual([new Linear("r", 8), new Relu()]), new Relu(), end);
        yield return Features("rectified twice", new Relu(), new Relu(), end);
        yield return Features("dueling of depth", new Dueling(
            [new Linear("v1", 5), new LayerNorm("n"), new Relu(), new Residual([new Linear("r", 5)]), new Linear("v2", 1)],
            [new NoisyLinear("a", 4)]));
        yield return Case("floats as an image", new Sequential([2, 7, 6], false, Networks.Layers(new Conv2d("c", 3, 3), new Flatten(), end)));
        yield return Case("one action", new Sequential([4], false, Networks.Layers(new Linear("end", 1))));
        yield return Case("bytes as features", new Sequential([12], true, Networks.Layers(end)));
    }

    [TestCaseSource(nameof(Ready))]
    [TestCaseSource(nameof(Own))]
    public void Values_are_ours(Sequential architecture)
    {
        using GreedyPolicy policy = Networks.Policy(architecture);
        byte[] observations = Networks.Observations(architecture, batch: 7);
        float[] expected = Networks.Values(policy, observations);
        Assert.That(expected.Distinct().Count(), Is.GreaterThan(1), "a network that says the same of everything shows nothing");
        int bytes = policy.Spec.ObservationBytes;
        foreach (int opset in new[] { OnnxOptions.NewestOpset, OnnxOptions.OldestOpset })
        {
            using var served = Served.Of(policy, new OnnxOptions { Opset = opset });
            Assert.That(Networks.Difference(expected, served.Values(observations, 7)), Is.LessThan(Tolerance));
            float[] first = served.Values(observations.AsSpan(0, bytes), 1);
            Assert.That(Networks.Difference(expected[..first.Length], first), Is.LessThan(Tolerance));
        }
    }

    [Test]
    public void Every_layer_and_every_distribution_of_the_library_is_among_the_cases()
    {
        Sequential[] all = [.. Ready().Concat(Own()).Select(data => (Sequential)data.Arguments[0]!)];
        IEnumerable<Type> layers = typeof(Layer).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract);
        Assert.That(layers, Is.SubsetOf(all.SelectMany(one => Types(one.Layers)).Distinct()));
        IEnumerable<Type> architectures = typeof(Layer).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Sequential)));
        Assert.That(architectures, Is.SubsetOf(all.Select(one => one.GetType()).Distinct()));
        IEnumerable<Type> distributions = typeof(Layer).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(ValueDistribution)));
        Assert.That(distributions, Is.SubsetOf(all.Select(one => one.Distribution.GetType()).Distinct()));
    }

    [Test]
    public void Every_opset_in_the_range_is_one_that_the_runtime_knows()
    {
        var architecture = new CompactCnnActionValue(4, 5, options: new() { Dueling = true, LayerNorm = true, Distribution = s_distributions["categorical"] });
        using GreedyPolicy policy = Networks.Policy(architecture);
        byte[] observations = Networks.Observations(architecture, batch: 3);
        float[] expected = Networks.Values(policy, observations);
        for (int opset = OnnxOptions.OldestOpset; opset <= OnnxOptions.NewestOpset; opset++)
        {
            using var served = Served.Of(policy, new OnnxOptions { Opset = opset, Action = true, LegalActions = true, Distribution = true });
            bool[] legal = [.. Enumerable.Repeat(true, 15)];
            Assert.That(
                Networks.Difference(expected, served.Ask<float>(OnnxNames.ActionValues, observations, 3, legal)), Is.LessThan(Tolerance), $"opset {opset}");
        }
    }

    [TestCase(1)]
    [TestCase(130)]
    public void A_batch_is_of_any_size(int batch)
    {
        var architecture = new CompactCnnActionValue(4, 5, options: new() { Dueling = true, Distribution = s_distributions["quantile"] });
        using GreedyPolicy policy = Networks.Policy(architecture);
        using var served = Served.Of(policy, new OnnxOptions { Action = true });
        byte[] observations = Networks.Observations(architecture, batch);
        float[] expected = Networks.Values(policy, observations), actual = served.Values(observations, batch);
        Assert.That(Networks.Difference(expected, actual), Is.LessThan(Tolerance));
        Assert.That(served.Ask<long>(OnnxNames.Action, observations, batch), Has.Length.EqualTo(batch));
    }

    [TestCase("categorical")]
    [TestCase("quantile at risk")]
    [TestCase("implicit quantile at risk")]
    public void The_distribution_is_ours(string name)
    {
        ValueDistribution distribution = s_distributions[name];
        var architecture = new MlpActionValue(6, 4, new ActionValueOptions { Distribution = distribution }, 32);
        using QNetwork network = Networks.Learnt(architecture);
        using var policy = new GreedyPolicy(network, Networks.Spec(architecture));
        byte[] observations = Networks.Observations(architecture, batch: 5);
        var expected = new float[5 * 4 * distribution.Atoms];
        network.EvaluateDistributions(observations, expected);
        using var served = Served.Of(policy, new OnnxOptions { Distribution = true });
        Assert.That(Networks.Difference(expected, served.Ask<float>(OnnxNames.Distribution, observations, 5)), Is.LessThan(Tolerance));
        Assert.That(served.Outputs[OnnxNames.Distribution].Dimensions, Is.EqualTo(new[] { -1, 4, distribution.Atoms }));
    }

    private static TestCaseData Image(string name, params ReadOnlySpan<Layer> layers) =>
        Case(name, new Sequential([3, 15, 12], true, [.. layers]));

    private static TestCaseData Features(string name, params ReadOnlySpan<Layer> layers) =>
        Case(name, new Sequential([6], false, [.. layers]));

    private static TestCaseData Case(string name, Sequential architecture) =>
        new TestCaseData(architecture).SetArgDisplayNames(name);

    private static IEnumerable<Type> Types(ImmutableArray<Layer> layers) => layers.SelectMany(layer => layer switch
    {
        Residual residual => Types(residual.Layers).Append(typeof(Residual)),
        Dueling dueling => Types(dueling.Value).Concat(Types(dueling.Advantage)).Append(typeof(Dueling)),
        _ => [layer.GetType()],
    });
}
