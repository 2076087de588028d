using System.Collections.Immutable;
using Dqn.Networks;
using Dqn.Onnx;

namespace Dqn.Tests.Onnx;

/// <summary>x · sigmoid(β x): a layer of one's own that says how it is exported. It only evaluates.</summary>
internal sealed record Swish(string Name) : CustomLayer, IOnnxLayer
{
    public override string Kind => "Swish";

    public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => inputShape;

    public override ImmutableArray<CustomParameter> Parameters(ImmutableArray<int> inputShape) =>
        [CustomParameter.Constant($"{Name}.beta", [1], 1.5f)];

    public override void Forward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        for (int i = 0; i < inputs.Length; i++)
            outputs[i] = inputs[i] / (1 + MathF.Exp(-parameters[0][0] * inputs[i]));
    }

    public override void Backward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, ReadOnlySpan<float> outputGradients,
        Span<float> inputGradients, LayerGradients parameterGradients) => throw new NotSupportedException();

    public string AddTo(OnnxGraph graph, string input, ImmutableArray<int> inputShape)
    {
        string scaled = graph.Add("Mul", [input, graph.Parameter($"{Name}.beta")]);
        return graph.Add("Mul", [input, graph.Add("Sigmoid", [scaled])]);
    }
}
