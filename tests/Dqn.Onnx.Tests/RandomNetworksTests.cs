using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Onnx;
using Dqn.Randomness;
using Dqn.Values;

namespace Dqn.Tests.Onnx;

/// <summary>Layers in whatever order, sizes and strides that divide nothing: values are still ours.</summary>
public class RandomNetworksTests
{
    [Test]
    public void Values_are_ours([Range(0, 59)] int seed)
    {
        Sequential architecture = Random(new Pcg64((ulong)seed));
        using GreedyPolicy policy = Networks.Policy(architecture, (ulong)seed);
        byte[] observations = Networks.Observations(architecture, batch: 3, (ulong)seed);
        float[] expected = Networks.Values(policy, observations);
        using var served = Served.Of(policy, new OnnxOptions { Opset = OnnxOptions.OldestOpset + seed % (OnnxOptions.NewestOpset - OnnxOptions.OldestOpset + 1) });
        Assert.That(Networks.Difference(expected, served.Values(observations, 3)), Is.LessThan(1e-5), string.Join(", ", architecture.Layers));
    }

    private static Sequential Random(Pcg64 random)
    {
        int names = 0, actions = 1 + random.Integer(6);
        bool pixels = random.Integer(2) == 0;
        ImmutableArray<int> shape = [1 + random.Integer(4), 7 + random.Integer(14), 7 + random.Integer(14)];
        var layers = new List<Layer>();
        int channels = shape[0];
        for (int i = random.Integer(5); i >= 0; i--)
            TryAdd(Image());
        layers.Add(new Flatten());
        for (int i = random.Integer(3); i >= 0; i--)
            layers.AddRange(Features(3 + random.Integer(12)));
        ValueDistribution distribution = random.Integer(4) switch
        {
            0 => new CategoricalDistribution(-2, 5, 2 + random.Integer(20)),
            1 => new QuantileDistribution(1 + random.Integer(20), random.Uniform(0.05, 1)),
            _ => new SingleValue(),
        };
        int outputs = actions * distribution.Atoms;
        layers.Add(random.Integer(2) == 0
            ? new Linear(Name(), outputs, random.Integer(2) == 0)
            : new Dueling([.. Features(5), new Linear(Name(), distribution.Atoms)], [.. Features(6), new NoisyLinear(Name(), outputs)]));
        return new Sequential(shape, pixels, [.. layers], distribution);

        string Name() => $"layer{names++}";

        Layer Image() => random.Integer(9) switch
        {
            0 or 1 => Convolution(),
            2 => new MaxPool2d(2 + random.Integer(2), random.Integer(3), random.Integer(2)),
            3 => new AvgPool2d(2 + random.Integer(2), random.Integer(3), random.Integer(2)),
            4 => new AdaptiveMaxPool2d(1 + random.Integer(6), 1 + random.Integer(6)),
            5 => new AdaptiveAvgPool2d(1 + random.Integer(6), 1 + random.Integer(6)),
            6 => new LayerNorm(Name()),
            7 => new Residual([new Relu(), new Conv2d(Name(), channels, 3, padding: 1), new LayerNorm(Name())]),
            _ => new Relu(),
        };

        Conv2d Convolution()
        {
            int kernel = 1 + random.Integer(4);
            return new Conv2d(Name(), 1 + random.Integer(6), kernel, 1 + random.Integer(3), random.Integer(kernel), random.Integer(2) == 0);
        }

        // Left out where the image is too small for it.
        void TryAdd(Layer layer)
        {
            try
            {
                _ = new Sequential(shape, pixels, [.. layers, layer, new Flatten(), new Linear("end", 1)]);
            }
            catch (ArgumentException)
            {
                return;
            }

            layers.Add(layer);
            channels = (layer as Conv2d)?.Filters ?? channels;
        }

        ImmutableArray<Layer> Features(int size) => random.Integer(3) switch
        {
            0 => [new Linear(Name(), size), new LayerNorm(Name()), new Relu()],
            1 => [new NoisyLinear(Name(), size), new Relu()],
            _ => [new Linear(Name(), size), new Residual([new Relu(), new Linear(Name(), size)])],
        };
    }
}
