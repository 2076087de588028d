using System.Collections.Immutable;
using System.Text.Json;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Onnx.Schema;
using Dqn.Serialization;
using Dqn.Values;
using DataType = Dqn.Onnx.Schema.TensorProto.Types.DataType;

namespace Dqn.Onnx;

/// <summary>A policy as one model: from observations to action values and, where asked for, actions.</summary>
internal sealed class PolicyWriter
{
    // The newest form of a model whose parts are used here came with ONNX 1.10; what came later is not needed, and a
    // program that runs the file need not know it.
    private const int IrVersion = 8;

    // A message has less than 2 GiB; the rest is far less than what this leaves.
    private const long MostBytes = int.MaxValue - (1 << 26);

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly EnvironmentSpec _spec;
    private readonly ObservationWriter _observation;
    private readonly Sequential _architecture;
    private readonly OnnxOptions _options;
    private readonly StateDict _parameters;
    private readonly OnnxGraph _graph;

    private PolicyWriter(GreedyPolicy policy, IQNetwork network, OnnxOptions options)
    {
        (_spec, _options) = (policy.Spec, options);
        _observation = new ObservationWriter(policy, options.Wrappers);
        _architecture = network.Architecture ?? throw new NotSupportedException(
            $"Expected a network that says its layers ({nameof(IQNetwork)}.{nameof(IQNetwork.Architecture)}), got a " +
            $"{network.GetType()} that does not.");
        _parameters = network.GetStateDict();
        _graph = new OnnxGraph(_parameters, options.Opset, OnnxNames.All);
    }

    /// <exception cref="ArgumentException">Options that contradict each other or the network.</exception>
    /// <exception cref="NotSupportedException">A layer, or the network, does not say how it is exported.</exception>
    public static ModelProto Write(GreedyPolicy policy, OnnxOptions options)
    {
        using IQNetwork network = policy.CloneNetwork();
        var writer = new PolicyWriter(policy, network, options);
        writer.RequireMeaning();
        writer.RequireSize();
        writer.AddAction(writer.AddValues());
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Dqn",
            ProducerVersion = typeof(PolicyWriter).Assembly.GetName().Version!.ToString(3),
            DocString = $"Action values of {policy.Spec.Name}.",
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = options.Opset } },
            Graph = writer._graph.Message,
        };
        model.MetadataProps.AddRange(writer.Metadata());
        return model;
    }

    private IEnumerable<StringStringEntryProto> Metadata()
    {
        ImmutableDictionary<string, string> metadata = PolicyMetadata.Of(_observation.Spec, _observation.Environment);
        if (_architecture.Distribution is not SingleValue and var distribution)
            metadata = metadata.Add(OnnxNames.Distribution, JsonSerializer.Serialize(distribution, s_json));
        return metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value });
    }

    private void RequireMeaning()
    {
        if (_options is { LegalActions: true, Action: false })
        {
            throw new ArgumentException(
                $"Expected {nameof(OnnxOptions.LegalActions)} with {nameof(OnnxOptions.Action)}, which chooses among them: " +
                "the values are the same whatever is legal.", "options");
        }

        if (_options.Distribution && _architecture.Distribution is SingleValue)
        {
            throw new ArgumentException(
                $"Expected {nameof(OnnxOptions.Distribution)} for a network of categories or quantiles, got one of single " +
                "values, which has none.", "options");
        }
    }

    private void RequireSize()
    {
        long bytes = _parameters.Sum(parameter => parameter.Value.Count * sizeof(float));
        if (bytes > MostBytes)
        {
            throw new ArgumentException(
                $"Expected a network whose parameters take at most {MostBytes} bytes, which is what an ONNX file holds, got " +
                $"one of {bytes}.", "policy");
        }
    }

    private string AddValues()
    {
        bool bytes = _observation.Spec.ElementType == ElementType.Byte;
        string value = _graph.Input(Value(
            OnnxNames.Observation, bytes ? DataType.Uint8 : DataType.Float,
            $"The observation{(bytes ? ", bytes as they are" : "")}.", [.. _observation.Spec.ObservationShape]));
        value = _observation.Add(
            _graph, value, _spec.ObservationShape.AsSpan(), _architecture.ObservationShape.AsSpan());
        value = new LayerWriter(_graph, _architecture.ObservationShape, _architecture.Distribution.Atoms)
            .Add(_architecture.Layers, value);
        Output(Value(OnnxNames.ActionValues, DataType.Float, "What each action is worth.", _spec.ActionCount));
        return _architecture.Distribution is SingleValue
            ? _graph.AddAs(OnnxNames.ActionValues, "Identity", [value])
            : AddExpectations(value, _architecture.Distribution);
    }

    /// <summary>The atoms' weighted sum.</summary>
    private string AddExpectations(string value, ValueDistribution distribution)
    {
        int atoms = distribution.Atoms;
        if (distribution is ImplicitQuantileDistribution)
        {
            // [batch · atoms, actions] with an atom's actions together.
            value = _graph.Add("Reshape", [value, _graph.Constant([-1L, atoms, _spec.ActionCount], 3)]);
            value = _graph.Add("Transpose", [value], new OnnxAttribute("perm", [0, 2, 1]));
        }

        value = _graph.Add("Reshape", [value, _graph.Constant([0L, _spec.ActionCount, atoms], 3)]);
        if (distribution is CategoricalDistribution)
            value = _graph.Add("Softmax", [value], new OnnxAttribute("axis", -1));
        float[] weights = distribution switch
        {
            CategoricalDistribution categories => [.. Enumerable.Range(0, atoms).Select(i => (float)categories.ReturnOf(i))],
            QuantileDistribution { Valued: var valued } => Lowest(valued),
            ImplicitQuantileDistribution { Valued: var valued } => Lowest(valued),
            _ => throw new NotSupportedException($"A distribution of a kind unknown to this package: {distribution.GetType()}."),
        };
        if (_options.Distribution)
        {
            Output(Value(
                OnnxNames.Distribution, DataType.Float,
                distribution is CategoricalDistribution
                    ? "The probabilities of each action's returns."
                    : "The quantiles of each action's return, the lowest first.", _spec.ActionCount, atoms));
            value = _graph.AddAs(OnnxNames.Distribution, "Identity", [value]);
        }

        return _graph.AddAs(OnnxNames.ActionValues, "MatMul", [value, _graph.Constant(weights, atoms)]);

        float[] Lowest(int valued) => [.. Enumerable.Range(0, atoms).Select(i => i < valued ? 1f / valued : 0)];
    }

    private void AddAction(string values)
    {
        if (!_options.Action)
            return;
        if (_options.LegalActions || _spec.HasIllegalActions)
        {
            string legal = _graph.Input(Value(
                OnnxNames.LegalActions, DataType.Bool, "Which actions may be chosen, at least one.", _spec.ActionCount));

            // Also where a value is −∞: no illegal action is its equal.
            string finite = _graph.Add("Max", [values, _graph.Constant([float.MinValue])]);
            values = _graph.Add("Where", [legal, finite, _graph.Constant([float.NegativeInfinity])]);
        }

        Output(Value(OnnxNames.Action, DataType.Int64, "The action of the greatest value, the first of equals."));
        _graph.AddAs(OnnxNames.Action, "ArgMax", [values], new OnnxAttribute("axis", 1), new OnnxAttribute("keepdims", 0));
    }

    private void Output(ValueInfoProto value) => _graph.Message.Output.Add(value);

    /// <summary>An input or output, [batch, shape].</summary>
    private static ValueInfoProto Value(string name, DataType type, string meaning, params ReadOnlySpan<int> shape)
    {
        var axes = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" } } };
        foreach (int axis in shape)
            axes.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = axis });
        return new ValueInfoProto
        {
            Name = name,
            DocString = meaning,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = axes } },
        };
    }
}
