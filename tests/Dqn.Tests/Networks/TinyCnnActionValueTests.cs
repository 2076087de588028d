using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>The network for pictures of few cells is the one of MinAtar's paper.</summary>
public sealed class TinyCnnActionValueTests
{
    [Test]
    public void Its_layers_are_the_papers()
    {
        var architecture = new TinyCnnActionValue(4, 6);
        Layer[] expected =
        [
            new Conv2d("conv1", 16, 3, 1), new Relu(), new Flatten(), new Linear("fc1", 128), new Relu(), new Linear("fc2", 6),
        ];
        Assert.That(architecture.Layers, Is.EqualTo(expected));
        using var network = new QNetwork(architecture, new Pcg64(1));

        // 16 · 4 · 9 + 16, then 8 · 8 · 16 · 128 + 128, then 128 · 6 + 6.
        long parameters = network.GetStateDict().Sum(named => named.Value.Shape.Aggregate(1L, (product, axis) => product * axis));
        Assert.That(parameters, Is.EqualTo(592 + 131_200 + 774));
    }

    [Test]
    public void It_takes_what_the_others_take()
    {
        var options = new ActionValueOptions { Dueling = true, LayerNorm = true, Noisy = true, Distribution = new QuantileDistribution(5) };
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "tiny.safetensors");
        using var network = new QNetwork(new TinyCnnActionValue(7, 3, 10, 12, options), new Pcg64(1));
        network.ClearNoise();
        NetworkFile.Write(path, network);
        using LoadedNetwork loaded = NetworkFile.Read(path);
        var observation = new byte[7 * 10 * 12];
        new Random(1).NextBytes(observation);
        float[] values = new float[3], again = new float[3];
        network.Evaluate(observation, values);
        loaded.Network.Evaluate(observation, again);
        Assert.That(again, Is.EqualTo(values));
    }

    [Test]
    public void Pictures_below_its_convolution_are_refused() =>
        Assert.That(() => new TinyCnnActionValue(1, 2, 2, 10), Throws.ArgumentException);
}
