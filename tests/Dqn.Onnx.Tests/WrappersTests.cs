using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Onnx;
using Dqn.Tests.Environments;

namespace Dqn.Tests.Onnx;

/// <summary>Wrappers that the file computes: the bare environment's observations go in.</summary>
public class WrappersTests
{
    private static readonly Normalization s_normalization = new([0.1f, -2, 0, 3e-4f], [0.01f, 2, 1e-3f, 400]);

    [TestCase(false)]
    [TestCase(true)]
    public void Normalisation_is_inside(bool loaded)
    {
        using IEnvironment bare = new CartPoleEnvironment();
        using IEnvironment wrapped = new CartPoleEnvironment().WithTimeLimit(50).WithNormalization(s_normalization);
        using GreedyPolicy made = Policy(new MlpActionValue(4, 2, 8), wrapped), policy = loaded ? Reloaded(made) : new(made.CloneNetwork(), wrapped);
        using var served = Served.Of(policy, new OnnxOptions { Wrappers = true });
        byte[] observation = new byte[16], prepared = new byte[16];
        bare.Reset(1);
        wrapped.Reset(1);
        for (int i = 0; i < 8; i++)
        {
            bare.Observe(observation);
            wrapped.Observe(prepared);
            Assert.That(MemoryMarshal.Cast<byte, float>(prepared)[0], Is.InRange(-10, 10));
            Assert.That(Networks.Difference(Networks.Values(policy, prepared), served.Values(observation, 1)), Is.LessThan(1e-5));
            bare.Step(1);
            wrapped.Step(1);
        }

        Dictionary<string, string> metadata = served.Metadata.CustomMetadataMap;
        using IEnvironment left = new CartPoleEnvironment().WithTimeLimit(50);
        Assert.That(JsonNode.DeepEquals(PolicyMetadata.Environment(metadata), left.Describe()), metadata["environment"]);
        Assert.That(PolicyMetadata.Spec(metadata), Is.EqualTo(left.Spec));
    }

    [Test]
    public void Far_numbers_are_cut_off_inside()
    {
        using IEnvironment wrapped = new CartPoleEnvironment().WithNormalization(s_normalization);
        using GreedyPolicy policy = Policy(new MlpActionValue(4, 2, 8), wrapped);
        using var served = Served.Of(policy, new OnnxOptions { Wrappers = true });
        byte[] far = Bytes([1e6f, -1e6f, 1e6f, -1e6f]), cut = Bytes([10, -10, 10, -10]);
        Assert.That(Networks.Difference(Networks.Values(policy, cut), served.Values(far, 1)), Is.LessThan(1e-5));
    }

    [Test]
    public void The_order_of_channels_is_inside()
    {
        using IEnvironment bare = new CountingEnvironment(shape: [12, 10, 3]);
        using IEnvironment wrapped = new ChannelsFirst(new CountingEnvironment(shape: [12, 10, 3])).WithTimeLimit(9);
        ReadOnlySpan<Layer> layers = [new Conv2d("c", 2, 3), new Flatten(), new Linear("fc", wrapped.Spec.ActionCount)];
        using GreedyPolicy policy = Policy(new Sequential([3, 12, 10], true, [.. layers]), wrapped);
        using var served = Served.Of(policy, new OnnxOptions { Wrappers = true });
        byte[] picture = Networks.Observations(new Sequential([360], true, [new Linear("x", 1)]), 1);
        var planes = new byte[360];
        for (int channel = 0; channel < 3; channel++)
            for (int pixel = 0; pixel < 120; pixel++)
                planes[channel * 120 + pixel] = picture[pixel * 3 + channel];
        Assert.That(served.Inputs["observation"].Dimensions, Is.EqualTo(new[] { -1, 12, 10, 3 }));
        Assert.That(Networks.Difference(Networks.Values(policy, planes), served.Values(picture, 1)), Is.LessThan(1e-5));
        Assert.That(PolicyMetadata.Spec(served.Metadata.CustomMetadataMap), Is.EqualTo(bare.Spec));
    }

    [Test]
    public void What_cannot_be_computed_is_refused()
    {
        using IEnvironment stacked = new FrameStack(new CartPoleEnvironment(), 2);
        using IEnvironment bare = new CartPoleEnvironment().WithTimeLimit(5);
        using GreedyPolicy ofStacked = Policy(new MlpActionValue(8, 2, 8), stacked), ofBare = Policy(new MlpActionValue(4, 2, 8), bare);
        using GreedyPolicy ofSpec = Networks.Policy(new MlpActionValue(4, 2, 8));
        var options = new OnnxOptions { Wrappers = true };
        Assert.That(() => OnnxFile.Write(Stream.Null, ofStacked, options), Throws.ArgumentException.With.Message.Contains("got FrameStack"));
        Assert.That(() => OnnxFile.Write(Stream.Null, ofBare, options), Throws.ArgumentException.With.Message.Contains("got CartPole"));
        Assert.That(() => OnnxFile.Write(Stream.Null, ofSpec, options), Throws.ArgumentException.With.Message.Contains("made with its environment"));
    }

    private static GreedyPolicy Policy(Sequential architecture, IEnvironment environment)
    {
        using QNetwork network = Networks.Learnt(architecture);
        return new GreedyPolicy(network, environment);
    }

    private static GreedyPolicy Reloaded(GreedyPolicy policy)
    {
        using var folder = new Media.TemporaryFolder();
        policy.Save(folder["policy.safetensors"]);
        return GreedyPolicy.Load(folder["policy.safetensors"]);
    }

    private static byte[] Bytes(ReadOnlySpan<float> numbers) => MemoryMarshal.AsBytes(numbers).ToArray();
}
