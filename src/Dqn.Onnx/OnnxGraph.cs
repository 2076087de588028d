using System.Buffers.Binary;
using Dqn.Onnx.Schema;
using Dqn.Serialization;
using Google.Protobuf;
using DataType = Dqn.Onnx.Schema.TensorProto.Types.DataType;

namespace Dqn.Onnx;

/// <summary>
/// A network as ONNX's operators, while it is written: what a layer of your own (<see cref="IOnnxLayer"/>) adds to.
/// </summary>
public sealed class OnnxGraph
{
    private readonly StateDict _parameters;
    private readonly Dictionary<string, string> _initializers = new(StringComparer.Ordinal);

    // The names of values that there are, and those that no operator's output may take.
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken;

    /// <summary>Starts a graph.</summary>
    /// <param name="parameters">The network's.</param>
    /// <param name="opset">The version of ONNX's operators.</param>
    /// <param name="reserved">The names of the graph's inputs and outputs.</param>
    internal OnnxGraph(StateDict parameters, int opset, IEnumerable<string> reserved)
    {
        (_parameters, Opset) = (parameters, opset);
        _taken = new HashSet<string>(reserved, StringComparer.Ordinal);
    }

    /// <summary>The version of ONNX's operators that may be used.</summary>
    public int Opset { get; }

    internal GraphProto Message { get; } = new() { Name = "dqn" };

    /// <summary>Adds an operator with one output.</summary>
    /// <param name="operation">Its name in ONNX's default domain: "Mul".</param>
    /// <param name="inputs">
    /// What it takes: names that the other methods gave, in the order of the operator's schema; "" for an optional one that
    /// is left out.
    /// </param>
    /// <param name="attributes">Its constants; those left out are the schema's defaults.</param>
    /// <returns>The name of what it gives.</returns>
    /// <exception cref="ArgumentException">An input that nothing gives.</exception>
    public string Add(string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        AddAs(Unused(operation), operation, inputs, attributes);

    /// <summary>One of the network's parameters.</summary>
    /// <param name="name">Its name in the state dict: "fc1.weight".</param>
    /// <exception cref="ArgumentException">The network has no such parameter.</exception>
    public string Parameter(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_initializers.TryGetValue(name, out string? value))
            return value;
        if (!_parameters.TryGet(name, out Tensor? tensor))
        {
            throw new ArgumentException(
                $"Expected a parameter of the network, {string.Join(", ", _parameters.Names)}; got '{name}'.", nameof(name));
        }

        value = Initialize(name, DataType.Float, [.. tensor.Shape], ToBytes(tensor));
        _initializers.Add(name, value);
        return value;
    }

    /// <summary>Numbers that the network does not learn.</summary>
    /// <param name="values">The numbers, row-major.</param>
    /// <param name="shape">The axes, outermost first; none for a single number.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public string Constant(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Initialize("constant", DataType.Float, shape, Tensor.FromSingles(values, shape).Data);

    /// <summary>Integers: the axes, shapes and indices that some operators take as inputs.</summary>
    /// <param name="values">The integers, row-major.</param>
    /// <param name="shape">The axes, outermost first; none for a single number.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public string Constant(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape)
    {
        var data = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i * sizeof(long)), values[i]);
        return Initialize("constant", DataType.Int64, shape, new Tensor(TensorType.Int64, [.. shape], data).Data);
    }

    /// <summary>A parameter's numbers, for what is computed from them once.</summary>
    internal float[] Numbers(string parameter) => _parameters[parameter].ToSingles();

    /// <summary>Adds an operator that gives an output of the graph.</summary>
    internal string AddAs(
        string output, string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operation);
        var node = new NodeProto { Name = output, OpType = operation, Output = { output } };
        foreach (string input in inputs)
        {
            RequireValue(input, operation);
            node.Input.Add(input);
        }

        foreach (OnnxAttribute attribute in attributes)
            node.Attribute.Add(attribute.Message);
        Message.Node.Add(node);
        _values.Add(output);
        return output;
    }

    /// <summary>Declares an input of the graph.</summary>
    internal string Input(ValueInfoProto value)
    {
        Message.Input.Add(value);
        _values.Add(value.Name);
        return value.Name;
    }

    /// <summary>Whether something in the graph gives a value of this name.</summary>
    internal bool Has(string value) => _values.Contains(value);

    private void RequireValue(string input, string operation)
    {
        if (input is not "" && !Has(input))
        {
            throw new ArgumentException(
                $"{operation}: expected inputs that {nameof(Add)}, {nameof(Parameter)} or {nameof(Constant)} named, or the " +
                $"layer's own; got '{input}'.", nameof(input));
        }
    }

    private string Initialize(string name, DataType type, ReadOnlySpan<long> shape, byte[] data)
    {
        string value = Unused(name);
        Message.Initializer.Add(new TensorProto
        {
            Name = value,
            DataType = (int)type,
            Dims = { shape.ToArray() },
            RawData = UnsafeByteOperations.UnsafeWrap(data), // Nobody changes it.
        });
        _values.Add(value);
        return value;
    }

    private string Unused(string name)
    {
        string unused = name;
        for (int i = 1; !_taken.Add(unused); i++)
            unused = $"{name}_{i}";
        return unused;
    }

    private static byte[] ToBytes(Tensor tensor) => tensor.Type == TensorType.Float32
        ? tensor.Data
        : Tensor.FromSingles(tensor.ToSingles(), [.. tensor.Shape]).Data;
}
