using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Onnx;
using Dqn.Tests.Agents;
using Dqn.Tests.Media;
using Dqn.Values;

namespace Dqn.Tests.Onnx;

/// <summary>Files: what they say of themselves, the ways to one, and what is refused.</summary>
public class OnnxFileTests
{
    private static readonly MlpActionValue s_architecture = new(4, 2, 8);

    [Test]
    public void Inputs_and_outputs_are_as_documented()
    {
        using GreedyPolicy numbers = Networks.Policy(s_architecture), pixels = Networks.Policy(new CompactCnnActionValue(4, 5));
        using Served ofNumbers = Served.Of(numbers), ofPixels = Served.Of(pixels);
        Assert.Multiple(() =>
        {
            Assert.That(ofNumbers.Inputs.Keys, Is.EqualTo(new[] { "observation" }));
            Assert.That(ofNumbers.Outputs.Keys, Is.EqualTo(new[] { "action_values" }));
            Assert.That(ofNumbers.Inputs["observation"].ElementType, Is.EqualTo(typeof(float)));
            Assert.That(ofNumbers.Inputs["observation"].Dimensions, Is.EqualTo(new[] { -1, 4 }));
            Assert.That(ofNumbers.Inputs["observation"].SymbolicDimensions[0], Is.EqualTo("batch"));
            Assert.That(ofPixels.Inputs["observation"].ElementType, Is.EqualTo(typeof(byte)));
            Assert.That(ofPixels.Inputs["observation"].Dimensions, Is.EqualTo(new[] { -1, 4, 42, 42 }));
            Assert.That(ofPixels.Outputs["action_values"].Dimensions, Is.EqualTo(new[] { -1, 5 }));
        });
    }

    [Test]
    public void The_metadata_are_the_model_files()
    {
        using var folder = new TemporaryFolder();
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(100)
            .WithNormalization(new Normalization([0.1f, 0, 0, 0], [1, 2, 3, 4]));
        using QNetwork network = Networks.Learnt(s_architecture);
        using var policy = new GreedyPolicy(network, environment);
        policy.Save(folder["policy.safetensors"]);
        using LoadedNetwork saved = NetworkFile.Read(folder["policy.safetensors"]);
        using var served = Served.Of(policy);
        Dictionary<string, string> metadata = served.Metadata.CustomMetadataMap;
        Assert.Multiple(() =>
        {
            Assert.That(metadata.Keys, Is.EquivalentTo(["spec", "environment"]));
            Assert.That(metadata["spec"], Is.EqualTo(saved.Metadata["spec"]));
            Assert.That(metadata["environment"], Is.EqualTo(saved.Metadata["environment"]));
            Assert.That(PolicyMetadata.Spec(metadata), Is.EqualTo(environment.Spec));
            Assert.That(JsonNode.DeepEquals(PolicyMetadata.Environment(metadata), environment.Describe()));
            Assert.That(served.Metadata.ProducerName, Is.EqualTo("Dqn"));
        });
    }

    [Test]
    public void A_distribution_is_said_in_the_metadata()
    {
        using GreedyPolicy policy = Networks.Policy(
            new MlpActionValue(4, 2, new ActionValueOptions { Distribution = new CategoricalDistribution(-1, 3, 5) }, 8));
        using var served = Served.Of(policy);
        JsonNode said = JsonNode.Parse(served.Metadata.CustomMetadataMap["distribution"])!;
        Assert.That(JsonNode.DeepEquals(said, JsonNode.Parse("""{ "kind": "Categorical", "min": -1, "max": 3, "atoms": 5 }""")), said.ToJsonString());
    }

    [Test]
    public void A_policy_a_network_and_a_model_file_give_the_same()
    {
        using var folder = new TemporaryFolder();
        using QNetwork network = Networks.Learnt(s_architecture);
        EnvironmentSpec spec = Networks.Spec(s_architecture);
        using (var policy = new GreedyPolicy(network, spec))
        {
            policy.Save(folder["policy.safetensors"]);
            OnnxFile.Write(folder["policy.onnx"], policy);
        }

        OnnxFile.Write(folder["network.ONNX"], network, spec);
        OnnxFile.Convert(folder["policy.safetensors"], folder["file.onnx"]);
        byte[] expected = File.ReadAllBytes(folder["policy.onnx"]);
        Assert.That(File.ReadAllBytes(folder["network.ONNX"]), Is.EqualTo(expected));
        Assert.That(File.ReadAllBytes(folder["file.onnx"]), Is.EqualTo(expected));
        Assert.That(folder.Files, Has.Length.EqualTo(4), "nothing temporary is left");
    }

    [TestCase(new[] { 1, 5, 6 })]
    [TestCase(new[] { 30 })]
    public void Observations_have_the_environments_shape_and_not_the_networks(int[] shape)
    {
        ImmutableArray<Layer> layers = shape.Length == 3 ? [new Conv2d("c", 2, 3), new Flatten(), new Linear("fc", 3)] : [new Linear("fc", 3)];
        var architecture = new Sequential([.. shape], true, layers);
        EnvironmentSpec spec = Networks.Spec(architecture) with { ObservationShape = [5, 6], Layout = ObservationLayout.Grey };
        using QNetwork network = Networks.Learnt(architecture);
        using var policy = new GreedyPolicy(network, spec);
        byte[] observations = Networks.Observations(architecture, 4);
        using var served = Served.Of(policy);
        Assert.That(served.Inputs["observation"].Dimensions, Is.EqualTo(new[] { -1, 5, 6 }));
        Assert.That(Networks.Difference(Networks.Values(policy, observations), served.Values(observations, 4)), Is.LessThan(1e-5));
    }

    [Test]
    public void Noise_is_no_part_of_it()
    {
        var architecture = new MlpActionValue(4, 2, new ActionValueOptions { Noisy = true }, 8);
        using QNetwork noisy = Networks.Learnt(architecture);
        byte[] observations = Networks.Observations(architecture, 3);
        var values = new float[6];
        noisy.Evaluate(observations, values);
        using var policy = new GreedyPolicy(noisy, Networks.Spec(architecture));
        using var served = Served.Of(policy);
        float[] exported = served.Values(observations, 3);
        Assert.That(Networks.Difference(values, exported), Is.GreaterThan(1e-3), "there is noise");
        noisy.ClearNoise();
        noisy.Evaluate(observations, values);
        Assert.That(Networks.Difference(values, exported), Is.LessThan(1e-5));
    }

    [Test]
    public void A_layer_that_does_not_say_how_it_is_exported_is_named()
    {
        var architecture = new Sequential([4], false, [new Residual([new Silent()]), new Linear("fc", 2)]);
        using GreedyPolicy policy = Networks.Policy(architecture);
        Assert.That(
            () => OnnxFile.Write(Stream.Null, policy),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("'Silent' (Dqn.Tests.Onnx.OnnxFileTests+Silent)")
                .And.Message.Contains("IOnnxLayer"));
    }

    [TestCase("nothing", "AddTo to return a name")]
    [TestCase("", "AddTo to return a name")]
    [TestCase("unknown input", "Mul: expected inputs")]
    [TestCase("unknown parameter", "a parameter of the network, fc.weight, fc.bias; got")]
    public void A_layer_that_adds_what_is_not_there_is_named(string fault, string said)
    {
        var architecture = new Sequential([4], false, [new Faulty(fault), new Linear("fc", 2)]);
        using GreedyPolicy policy = Networks.Policy(architecture);
        Assert.That(
            () => OnnxFile.Write(Stream.Null, policy),
            Throws.InvalidOperationException.With.Message.StartsWith("Layer 'Faulty': ").And.Message.Contains(said));
    }

    [TestCase(12)]
    [TestCase(OnnxOptions.NewestOpset + 1)]
    public void An_opset_out_of_range_is_refused(int opset) => Assert.That(
        () => new OnnxOptions { Opset = opset },
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"expected 13 … {OnnxOptions.NewestOpset}, got {opset}"));

    [Test]
    public void A_path_that_cannot_be_written_is_named_and_nothing_changes()
    {
        using var folder = new TemporaryFolder();
        using GreedyPolicy policy = Networks.Policy(s_architecture);
        Assert.That(
            () => OnnxFile.Write(Path.Combine(folder["nowhere"], "policy.onnx"), policy),
            Throws.InstanceOf<IOException>().With.Message.Contains("nowhere"));
        Directory.CreateDirectory(folder["folder.onnx"]);
        Assert.That(() => OnnxFile.Write(folder["folder.onnx"], policy), Throws.InstanceOf<IOException>().With.Message.Contains("folder"));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void A_file_that_was_there_stays_where_the_export_fails()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["policy.onnx"], "before");
        using GreedyPolicy policy = Networks.Policy(new Sequential([4], false, [new Silent(), new Linear("fc", 2)]));
        Assert.That(() => OnnxFile.Write(folder["policy.onnx"], policy), Throws.TypeOf<NotSupportedException>());
        Assert.That(File.ReadAllText(folder["policy.onnx"]), Is.EqualTo("before"));
    }

    [TestCase("policy.safetensors")]
    [TestCase("policy")]
    public void Another_extension_is_refused(string name)
    {
        using GreedyPolicy policy = Networks.Policy(s_architecture);
        Assert.That(
            () => OnnxFile.Write(name, policy),
            Throws.ArgumentException.With.Message.Contains($"Expected a file named .onnx, got '{name}'"));
        Assert.That(() => OnnxFile.Convert("model.safetensors", name), Throws.ArgumentException.With.Message.Contains(".onnx"));
    }

    [Test]
    public void A_model_file_without_a_spec_is_refused()
    {
        using var folder = new TemporaryFolder();
        using QNetwork network = Networks.Learnt(s_architecture);
        NetworkFile.Write(folder["weights.safetensors"], network);
        Assert.That(
            () => OnnxFile.Convert(folder["weights.safetensors"], folder["policy.onnx"]),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("spec"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "weights.safetensors" }));
    }

    [Test]
    public void A_network_that_does_not_say_its_layers_is_named()
    {
        using var policy = new GreedyPolicy(new TabularNetwork(3, 2, 16, 0.1f), Networks.Spec(s_architecture));
        Assert.That(
            () => OnnxFile.Write(Stream.Null, policy),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("TabularNetwork"));
    }

    [Test]
    public void Names_of_parameters_may_be_those_of_inputs_and_operators()
    {
        var architecture = new Sequential([4], false, [new Named("observation"), new Named("action_values"), new Named("Relu"), new Relu(), new Linear("Gemm", 2)]);
        using GreedyPolicy policy = Networks.Policy(architecture);
        byte[] observations = Networks.Observations(architecture, 3);
        using var served = Served.Of(policy);
        Assert.That(Networks.Difference(Networks.Values(policy, observations), served.Values(observations, 3)), Is.LessThan(1e-5));
    }

    private abstract record Same(string Name) : CustomLayer
    {
        public override string Kind => Name;

        public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => inputShape;

        public override void Forward(
            LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs) => inputs.CopyTo(outputs);

        public override void Backward(
            LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, ReadOnlySpan<float> outputGradients,
            Span<float> inputGradients, LayerGradients parameterGradients) => throw new NotSupportedException();
    }

    private sealed record Silent() : Same("Silent");

    private sealed record Faulty(string Fault) : Same("Faulty"), IOnnxLayer
    {
        public string AddTo(OnnxGraph graph, string input, ImmutableArray<int> inputShape) => Fault switch
        {
            "unknown input" => graph.Add("Mul", [input, "elsewhere"]),
            "unknown parameter" => graph.Parameter("gate.weight"),
            _ => Fault,
        };
    }

    /// <summary>Adds a number that is called as it likes.</summary>
    private sealed record Named(string Parameter) : Same("Named"), IOnnxLayer
    {
        public override ImmutableArray<CustomParameter> Parameters(ImmutableArray<int> inputShape) =>
            [CustomParameter.Constant(Parameter, [1], 1.5f)];

        public override void Forward(
            LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs)
        {
            for (int i = 0; i < inputs.Length; i++)
                outputs[i] = inputs[i] + parameters[0][0];
        }

        public string AddTo(OnnxGraph graph, string input, ImmutableArray<int> inputShape) =>
            graph.Add("Add", [input, graph.Parameter(Parameter)]);
    }
}
