using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Training;
using Dqn.Values;

namespace Dqn.Tests.Networks;

public class NetworkFileTests
{
    private static readonly Sequential s_small = new SmallCnnActionValue(4, 5);

    private static readonly ActionValueOptions s_everything = new()
    {
        Dueling = true,
        LayerNorm = true,
        Noisy = true,
        Distribution = new CategoricalDistribution(-10, 100, 11),
    };

    // Strides that no shape tells.
    private static readonly Sequential s_odd = new(
        [2, 12, 10], pixels: true,
        [new Conv2d("look", 3, 5, 1), new Flatten(), new Linear("think", 7), new Relu(), new Linear("say", 3)]);

    private static IEnumerable<Sequential> Architectures() =>
    [
        new CnnActionValue(4, 5), s_small, s_odd, new MlpActionValue(4, 2, 16, 8), new MlpActionValue(4, 2),
        new SmallCnnActionValue(4, 5, options: s_everything),
        new CompactCnnActionValue(4, 5),
        new CompactCnnActionValue(4, 5, scale: 2),
        new Sequential([1, 6, 5], false,
        [
            new Conv2d("a", 3, 2, bias: false), new Flatten(), new Linear("b", 5, bias: false), new Relu(),
            new Linear("c", 2, bias: false),
        ]),
        new SmallCnnActionValue(4, 5, options: new() { Distribution = new QuantileDistribution(7) }),
        new SmallCnnActionValue(4, 5, options: new() { Distribution = new QuantileDistribution(8, riskLevel: 0.5) }),
    ];

    [Test]
    public void What_a_file_says_is_read_without_its_tensors()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.safetensors");
        try
        {
            using (var network = new QNetwork(s_odd, new Pcg64(1)))
                NetworkFile.Write(path, network, ImmutableDictionary<string, string>.Empty.Add("about", "a test"));
            Assert.That(NetworkFile.ReadMetadata(path)["about"], Is.EqualTo("a test"));
            File.WriteAllText(path, "no network");
            Assert.That(() => NetworkFile.ReadMetadata(path), Throws.TypeOf<InvalidDataException>().With.Message.Contains(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCaseSource(nameof(Architectures))]
    public void A_safetensors_file_is_enough_to_have_the_network_again(Sequential architecture)
    {
        using var folder = new TemporaryFolder();
        using var network = new QNetwork(architecture, new Pcg64(3));
        NetworkFile.Write(folder["n.safetensors"], network);
        var usual = new Sequential(
            architecture.ObservationShape, architecture.Pixels,
            [new Flatten(), new Linear("other", architecture.ActionCount)]);
        using LoadedNetwork loaded = NetworkFile.Read(folder["n.safetensors"], usual);
        QNetwork read = loaded.Network;
        Assert.That((loaded.Source, loaded.Assumptions.Length, loaded.Prefix), Is.EqualTo((ArchitectureSource.File, 0, "")));
        Assert.That(read.Architecture.Layers, Is.EqualTo(architecture.Layers));
        Assert.That(read.Architecture.Distribution, Is.EqualTo(architecture.Distribution));
        Assert.That(Values(read), Is.EqualTo(Values(network)));
    }

    [Test]
    public void The_shapes_of_a_pytorch_file_tell_the_notebooks_network_a_smaller_one_and_a_perceptron(
        [Values("a.pt", "bare.safetensors")] string name)
    {
        using var folder = new TemporaryFolder();
        foreach (Sequential architecture in new[] { new CnnActionValue(4, 5), s_small })
            Assert.That(Read(architecture, new CnnActionValue(4, 5)), Is.EqualTo(architecture.Layers));
        Assert.That(
            Read(new MlpActionValue(4, 2, 16, 8), new MlpActionValue(4, 2)),
            Is.EqualTo(new MlpActionValue(4, 2, 16, 8).Layers));

        ImmutableArray<Layer> Read(Sequential architecture, Sequential usual)
        {
            using var network = new QNetwork(architecture, new Pcg64(3));
            StateDictFile.Write(folder[name], network.GetStateDict());
            using LoadedNetwork loaded = NetworkFile.Read(folder[name], usual);
            QNetwork read = loaded.Network;
            bool isUsual = architecture.Layers.SequenceEqual(usual.Layers);
            Assert.That(loaded.Source, Is.EqualTo(isUsual ? ArchitectureSource.Caller : ArchitectureSource.Inferred));
            Assert.That(loaded.Assumptions.IsEmpty, Is.EqualTo(isUsual));
            Assert.That(Values(read), Is.EqualTo(Values(network)));
            return read.Architecture.Layers;
        }
    }

    [Test]
    public void Strides_that_shapes_settle_are_taken_and_said()
    {
        using var folder = new TemporaryFolder();
        using var network = new QNetwork(s_odd, new Pcg64(3));
        NetworkFile.Write(folder["n.pt"], network);
        var usual = new Sequential([2, 12, 10], pixels: true, [new Flatten(), new Linear("other", 3)]);
        using LoadedNetwork read = NetworkFile.Read(folder["n.pt"], usual);
        Assert.That(read.Network.Architecture.Layers.OfType<Conv2d>(), Is.EqualTo(s_odd.Layers.OfType<Conv2d>()));
        Assert.That(string.Join(" ", read.Assumptions), Does.Contain("Strides 1 were taken, since no others fit"));
    }

    [Test]
    public void Strides_that_no_shape_tells_are_an_error_that_lists_them()
    {
        using var folder = new TemporaryFolder();
        var ambiguous = new Sequential(
            [1, 10, 10], pixels: true,
            [new Conv2d("a", 2, 4, 1), new Relu(), new Conv2d("b", 2, 4, 3), new Flatten(), new Linear("say", 3)]);
        using var network = new QNetwork(ambiguous, new Pcg64(3));
        NetworkFile.Write(folder["n.pt"], network);
        var usual = new Sequential([1, 10, 10], pixels: true, [new Flatten(), new Linear("other", 3)]);
        Assert.That(
            () => NetworkFile.Read(folder["n.pt"], usual),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("n.pt").And.Message.Contains("strides 1, 2")
                .And.Message.Contains("strides 1, 3").And.Message.Contains("Name the architecture"));
    }

    [Test]
    public void A_pytorch_file_may_hold_any_network_that_is_named_as_usual()
    {
        using var folder = new TemporaryFolder();
        Sequential described = new SmallCnnActionValue(
            4, 5, options: new() { Dueling = true, LayerNorm = true, Distribution = new QuantileDistribution(7) });
        foreach (Sequential architecture in new[] { s_odd, described })
        {
            using var network = new QNetwork(architecture, new Pcg64(3));
            NetworkFile.Write(folder["n.pt"], network);
            using LoadedNetwork loaded = NetworkFile.Read(folder["n.pt"], [new CnnActionValue(4, 5), architecture]);
            QNetwork read = loaded.Network;
            Assert.That(loaded.Source, Is.EqualTo(ArchitectureSource.Caller));
            Assert.That(read.Architecture, Is.EqualTo(architecture));
            Assert.That(Values(read), Is.EqualTo(Values(network)));
        }
    }

    [Test]
    public void Metadata_is_kept_beside_the_architecture()
    {
        using var folder = new TemporaryFolder();
        using var network = new QNetwork(s_odd, new Pcg64(3));
        var metadata = ImmutableDictionary.Create<string, string>().Add("trained", "for long");
        NetworkFile.Write(folder["n.safetensors"], network, metadata);
        var usual = new Sequential([2, 12, 10], pixels: true, [new Flatten(), new Linear("other", 3)]);
        using LoadedNetwork read = NetworkFile.Read(folder["n.safetensors"], usual);
        Assert.That(read.Metadata["trained"], Is.EqualTo("for long"));
        NetworkFile.Write(folder["n.pt"], read.Network);
        Assert.That(
            () => NetworkFile.Write(folder["n.PTH"], network, metadata),
            Throws.ArgumentException.With.Message.Contains("'trained'").And.Message.Contains("Name the file .safetensors"));
        using LoadedNetwork again = NetworkFile.Read(folder["n.pt"], s_odd);
        Assert.That(again.Metadata, Is.Empty);
        Assert.That(read.Network.Architecture.Layers, Is.EqualTo(s_odd.Layers));
        Assert.That(
            () => NetworkFile.Write(folder["n.safetensors"], network, metadata.Add("architecture", "{}")),
            Throws.ArgumentException.With.Message.Contains("architecture"));
    }

    [Test]
    public void A_network_for_another_task_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var network = new QNetwork(s_odd, new Pcg64(3));
        NetworkFile.Write(folder["n.safetensors"], network);
        Assert.That(
            () => NetworkFile.Read(folder["n.safetensors"], new CnnActionValue(4, 5)),
            Throws.TypeOf<InvalidDataException>()
                .With.Message.Contains("pixels [4, 84, 84] and 5 actions").And.Message.Contains("[2, 12, 10]"));
    }

    [TestCase("{}")]
    [TestCase("[1]")]
    [TestCase("null")]
    [TestCase("not JSON")]
    [TestCase("""{"observation":[2,12,10],"pixels":true,"layers":[{"layer":"Softmax"}]}""")]
    [TestCase("""{"observation":[2,12,10],"pixels":true,"layers":[{"layer":"Flatten"}]}""")]
    [TestCase("""{"observation":[2,12,10],"pixels":true,"layers":[{"layer":"Linear","features":3}]}""")]
    [TestCase("""{"observation":[2,12,10],"pixels":true,"layers":[null]}""")]
    [TestCase("""{"observation":[2,12,10],"pixels":true,"colour":1,"layers":[]}""")]
    [TestCase("""{"observation":[2,12,10],"pixels":true,"layers":[{"layer":"Flatten"},{"name":"say","layer":"Linear","features":2000000000}]}""")]
    public void A_damaged_architecture_is_an_error(string text)
    {
        using var folder = new TemporaryFolder();
        using var network = new QNetwork(s_odd, new Pcg64(3));
        StateDictFile.Write(
            folder["n.safetensors"], network.GetStateDict(), new Dictionary<string, string> { ["architecture"] = text });
        Assert.That(
            () => NetworkFile.Read(folder["n.safetensors"], s_odd),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("n.safetensors"));
    }

    [Test]
    public void Every_kind_of_layer_has_a_name_in_the_text()
    {
        var kinds = typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract);
        Assert.That(LayerJsonConverter.Types, Is.EquivalentTo(kinds));
    }

    [Test]
    public void The_text_is_readable()
    {
        JsonNode text = ArchitectureText.Describe(s_odd);
        Assert.That(text.ToJsonString(), Is.EqualTo(
            """{"observation":[2,12,10],"pixels":true,"layers":[""" +
            """{"layer":"Conv2d","name":"look","filters":3,"kernelSize":5,"stride":1},{"layer":"Flatten"},""" +
            """{"layer":"Linear","name":"think","features":7},{"layer":"Relu"},""" +
            """{"layer":"Linear","name":"say","features":3}]}"""));
    }

    private static float[][] Values(QNetwork network) => [.. network.GetStateDict().Select(item => item.Value.ToSingles())];

    [TestCase("n.safetensors")]
    [TestCase("n.pt")]
    public void Of_several_sizes_of_observations_the_one_that_fits_is_read(string name)
    {
        using TemporaryFolder folder = new();
        using QNetwork written = new(new CompactCnnActionValue(4, 5), new Pcg64(3));
        NetworkFile.Write(folder[name], written);
        using LoadedNetwork loaded = NetworkFile.Read(folder[name], [new CnnActionValue(4, 5), new CompactCnnActionValue(4, 5)]);
        QNetwork read = loaded.Network;
        Assert.That(read.Architecture.ObservationShape, Is.EqualTo((int[])[4, 42, 42]));
        byte[] observation = new byte[4 * 42 * 42];
        new Random(1).NextBytes(observation);
        float[] expected = new float[5], values = new float[5];
        written.Evaluate(observation, expected);
        read.Evaluate(observation, values);
        Assert.That(values, Is.EqualTo(expected));
        Assert.That(
            () => NetworkFile.Read(folder[name], [new CnnActionValue(4, 5), new CnnActionValue(4, 5, 60, 60)]),
            Throws.InstanceOf<InvalidDataException>());
    }
}
