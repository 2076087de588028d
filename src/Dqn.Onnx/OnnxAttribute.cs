using Dqn.Onnx.Schema;
using Google.Protobuf;
using Type = Dqn.Onnx.Schema.AttributeProto.Types.AttributeType;

namespace Dqn.Onnx;

/// <summary>An operator's constant: its name, as ONNX's operator schemas have it, and a number, a text or a list.</summary>
public sealed class OnnxAttribute
{
    /// <summary>An integer: <c>new("axis", 1)</c>.</summary>
    public OnnxAttribute(string name, long value) => Message = new() { Name = name, Type = Type.Int, I = value };

    /// <summary>A number: <c>new("epsilon", 1e-5f)</c>.</summary>
    public OnnxAttribute(string name, float value) => Message = new() { Name = name, Type = Type.Float, F = value };

    /// <summary>A text: <c>new("auto_pad", "VALID")</c>.</summary>
    public OnnxAttribute(string name, string value) =>
        Message = new() { Name = name, Type = Type.String, S = ByteString.CopyFromUtf8(value) };

    /// <summary>Integers: <c>new("kernel_shape", [3, 3])</c>.</summary>
    public OnnxAttribute(string name, ReadOnlySpan<long> values) =>
        Message = new() { Name = name, Type = Type.Ints, Ints = { values.ToArray() } };

    /// <summary>Numbers.</summary>
    public OnnxAttribute(string name, ReadOnlySpan<float> values) =>
        Message = new() { Name = name, Type = Type.Floats, Floats = { values.ToArray() } };

    internal AttributeProto Message { get; }
}
