using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Onnx;

/// <summary>Networks and observations by chance.</summary>
internal static class Networks
{
    /// <summary>
    /// No parameter as it starts: biases and weights of all layers count, normalisations scale and shift, noise has been drawn.
    /// </summary>
    public static QNetwork Learnt(Sequential architecture, ulong seed = 1)
    {
        var random = new Pcg64(seed);
        var network = new QNetwork(architecture, random, new QNetworkOptions { Threads = 1 });
        var changed = new StateDict();
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            float[] values = tensor.ToSingles();
            foreach (ref float value in values.AsSpan())
                value += (float)random.Uniform(-0.05, 0.05);
            changed.Add(name, Tensor.FromSingles(values, [.. tensor.Shape]));
        }

        network.LoadStateDict(changed);
        network.ResampleNoise();
        return network;
    }

    public static GreedyPolicy Policy(Sequential architecture, ulong seed = 1)
    {
        using QNetwork network = Learnt(architecture, seed);
        return new GreedyPolicy(network, Spec(architecture));
    }

    public static EnvironmentSpec Spec(Sequential architecture) => new()
    {
        Name = "Chance",
        ObservationShape = architecture.ObservationShape,
        ElementType = architecture.Pixels ? ElementType.Byte : ElementType.Single,
        Layout = architecture is { Pixels: true, ObservationShape.Length: 3 } ? ObservationLayout.ChannelsFirst : ObservationLayout.Features,
        ActionCount = architecture.ActionCount,
    };

    public static byte[] Observations(Sequential architecture, int batch, ulong seed = 2)
    {
        var random = new Pcg64(seed);
        if (architecture.Pixels)
            return [.. Enumerable.Range(0, batch * architecture.ObservationLength).Select(_ => (byte)random.Integer(256))];
        float[] numbers = [.. Enumerable.Range(0, batch * architecture.ObservationLength).Select(_ => (float)random.Uniform(-2, 2))];
        return MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
    }

    /// <summary>The policy's own values, one observation after the other.</summary>
    public static float[] Values(GreedyPolicy policy, byte[] observations)
    {
        int actions = policy.Spec.ActionCount, bytes = policy.Spec.ObservationBytes;
        var values = new float[observations.Length / bytes * actions];
        for (int i = 0; i < observations.Length / bytes; i++)
            policy.Evaluate(observations.AsSpan(i * bytes, bytes), values.AsSpan(i * actions, actions));
        return values;
    }

    /// <summary>The greatest difference, as a part of the greatest number.</summary>
    public static double Difference(float[] expected, float[] actual)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        double scale = expected.Max(value => Math.Abs((double)value));
        return expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max() / scale;
    }

    public static ImmutableArray<Layer> Layers(params ReadOnlySpan<Layer> layers) => [.. layers];
}
