using System.Collections.Immutable;
using Dqn.Networks;

namespace Dqn.Onnx;

/// <summary>
/// A <see cref="CustomLayer"/> that says what it computes in ONNX's operators, so that networks which have it can be
/// exported.
/// </summary>
/// <example>
/// x · sigmoid(β x) with one learnt β:
/// <code>
/// public sealed record Swish(string Name) : CustomLayer, IOnnxLayer
/// {
///     public string AddTo(OnnxGraph graph, string input, ImmutableArray&lt;int&gt; inputShape)
///     {
///         string scaled = graph.Add("Mul", [input, graph.Parameter($"{Name}.beta")]);
///         return graph.Add("Mul", [input, graph.Add("Sigmoid", [scaled])]);
///     }
///
///     …
/// }
/// </code></example>
public interface IOnnxLayer
{
    /// <summary>Adds the layer's operators.</summary>
    /// <param name="graph">What they are added to.</param>
    /// <param name="input">The name of what the layer takes, [batch, input shape].</param>
    /// <param name="inputShape">[channels, height, width] or [features].</param>
    /// <returns>
    /// The name of what it gives, [batch, output shape]: what the last <see cref="OnnxGraph.Add"/> returned.
    /// </returns>
    string AddTo(OnnxGraph graph, string input, ImmutableArray<int> inputShape);
}
