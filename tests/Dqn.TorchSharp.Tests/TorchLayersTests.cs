using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.TorchEngine;

/// <summary>Architectures of every layer that LibTorch knows, against the built-in engine.</summary>
public class TorchLayersTests
{
    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("IMPALA's stages", [4, 21, 19],
        [
            new Conv2d("a", 16, 3, padding: 1), new MaxPool2d(3, 2, 1), Block("b", 16), Block("c", 16), new Relu(),
            new Flatten(), new Linear("d", 24), new Relu(), new Linear("e", 5),
        ]);
        yield return new TestCaseData(new ImpalaCnnActionValue(
            2, 3, 30, 27, new() { Dueling = true, LayerNorm = true }, hidden: 16, pool: 3)).SetArgDisplayNames("IMPALA");
        yield return Case("means, without biases", [3, 12, 11],
        [
            new Relu(), new Conv2d("a", 6, 4, 2, 3, bias: false), new AvgPool2d(3, 2, 1), new LayerNorm("an"), new Relu(),
            new Conv2d("b", 9, 2, bias: false), new Residual([new Conv2d("c", 9, 1), new LayerNorm("cn"), new Relu()]),
            new Relu(),
            new AdaptiveAvgPool2d(2, 3), new AdaptiveMaxPool2d(2, 2), new Flatten(), new Residual([new Linear("d", 36)]),
            new Linear("e", 4, bias: false),
        ]);

        static TestCaseData Case(string name, ImmutableArray<int> shape, ImmutableArray<Layer> layers) =>
            new TestCaseData(new Sequential(shape, true, layers)).SetArgDisplayNames(name);

        static Residual Block(string name, int channels) => new(
        [
            new Relu(), new Conv2d($"{name}1", channels, 3, padding: 1), new Relu(),
            new Conv2d($"{name}2", channels, 3, padding: 1),
        ]);
    }

    [TestCaseSource(nameof(Cases))]
    public void Layers_learn_as_in_the_built_in_engine(Sequential architecture)
    {
        QNetworkOptions options = new() { MaxGradientNorm = 1, Optimizer = new AdamOptions { Epsilon = 1e-3, WeightDecay = 0.01 }, Threads = 1 };
        using TorchQNetwork network = new(architecture, new Pcg64(1), options, TorchDevice.Cpu);
        using QNetwork builtIn = new(architecture, new Pcg64(1), options);
        Assert.That(network.GetStateDict().Names, Is.EqualTo(builtIn.GetStateDict().Names));
        var observations = new byte[4 * network.ObservationBytes];
        new Random(1).NextBytes(observations);
        for (int update = 0; update < 3; update++)
        {
            FitResult result = Fit(network), other = Fit(builtIn);
            Assert.That(result.Loss, Is.EqualTo(other.Loss).Within(1e-4 * other.Loss));
            Assert.That(result.GradientNorm, Is.EqualTo(other.GradientNorm).Within(1e-3 * other.GradientNorm!.Value));
        }

        Assert.That(Values(network), Is.EqualTo(Values(builtIn)).Within(1e-4));
        StateDict learnt = network.GetStateDict();
        foreach ((string name, Tensor tensor) in builtIn.GetStateDict())
            Assert.That(learnt[name].ToSingles(), Is.EqualTo(tensor.ToSingles()).Within(1e-4), name);

        FitResult Fit(IQNetwork which) => which.Fit(observations, [0, 2, 1, 2], [0.1f, 0.5f, -0.2f, 1], [], []);

        float[] Values(IQNetwork which)
        {
            var values = new float[4 * which.ActionCount];
            which.Evaluate(observations, values);
            return values;
        }
    }

    [Test]
    public void Layers_of_ones_own_are_named() => Assert.That(
        () => new TorchSequential(new Sequential([4], false, [new Nothing(), new Linear("a", 2)])),
        Throws.TypeOf<NotSupportedException>().With.Message.Contains("'Nothing'"));

    private sealed record Nothing : CustomLayer
    {
        public override string Kind => "Nothing";

        public override JsonObject Describe() => [];

        public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => inputShape;

        public override void Forward(
            LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs) =>
            inputs.CopyTo(outputs);

        public override void Backward(
            LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs,
            ReadOnlySpan<float> outputGradients, Span<float> inputGradients, LayerGradients parameterGradients) =>
            outputGradients.CopyTo(inputGradients);
    }
}
