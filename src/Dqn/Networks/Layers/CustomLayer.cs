using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Dqn.Networks;

/// <summary>
/// A layer of your own: derive a record from this, with forward and backward over plain spans, and put it anywhere in a
/// <see cref="Sequential"/>, a <see cref="Residual"/> or before the end of a <see cref="Dueling"/>'s streams. Its
/// parameters learn with every optimizer, are saved, loaded, copied and clipped like all others.
/// <para>
/// Numbers lie in PyTorch's order, [batch, channels, height, width] or [batch, features]. Inside, images lie [batch,
/// row, column, channel]: where that differs, the network reorders them before and after the layer, which takes about
/// as long as reading and writing them.
/// </para>
/// <para>
/// The record is a description: it holds numbers, not state, and two equal ones are the same layer. A network calls it
/// for several stretches of a batch, from several threads at once, so its methods change nothing of it. How a batch is
/// cut depends on its size alone. What a layer gives for an item must depend on that item and the parameters only; then
/// results do not depend on threads and batches.
/// </para>
/// </summary>
/// <example>
/// x · sigmoid(β x) with one learnt β:
/// <code>
/// public sealed record Swish(string Name) : CustomLayer
/// {
///     public override string Kind => "Swish";
///
///     public override JsonObject Describe() => new() { ["name"] = Name };
///
///     public override ImmutableArray&lt;int&gt; OutputShape(ImmutableArray&lt;int&gt; inputShape) => inputShape;
///
///     public override ImmutableArray&lt;CustomParameter&gt; Parameters(ImmutableArray&lt;int&gt; inputShape) =>
///         [CustomParameter.Constant($"{Name}.beta", [1], 1)];
///
///     public override void Forward(
///         LayerItems items, LayerParameters parameters, ReadOnlySpan&lt;float&gt; inputs, Span&lt;float&gt; outputs)
///     {
///         float beta = parameters[0][0];
///         for (int i = 0; i &lt; inputs.Length; i++)
///             outputs[i] = inputs[i] / (1 + MathF.Exp(-beta * inputs[i]));
///     }
///
///     public override void Backward(
///         LayerItems items, LayerParameters parameters, ReadOnlySpan&lt;float&gt; inputs,
///         ReadOnlySpan&lt;float&gt; outputGradients, Span&lt;float&gt; inputGradients, LayerGradients parameterGradients)
///     {
///         float beta = parameters[0][0];
///         for (int i = 0; i &lt; inputs.Length; i++)
///         {
///             float x = inputs[i], s = 1 / (1 + MathF.Exp(-beta * x)), slope = s * (1 - s);
///             inputGradients[i] = outputGradients[i] * (s + beta * x * slope);
///             parameterGradients[0][0] += outputGradients[i] * x * x * slope;
///         }
///     }
/// }
/// </code>
/// Before a file that has one is read:
/// <code>CustomLayer.Register("Swish", json => new Swish((string)json["name"]!));</code></example>
public abstract record CustomLayer : Layer
{
    /// <summary>What an architecture's JSON calls layers of this kind: "Swish". Not a library layer's name.</summary>
    public abstract string Kind { get; }

    /// <summary>
    /// The layer's name and numbers, as an architecture's JSON has them beside the kind, for <see cref="Register"/>'s
    /// function to read. Default: nothing.
    /// </summary>
    public virtual JsonObject Describe() => [];

    /// <summary>The shape of an item after the layer.</summary>
    /// <param name="inputShape">Before it: [channels, height, width] or [features].</param>
    /// <returns>[channels, height, width] or [features].</returns>
    /// <exception cref="ArgumentException">The layer needs another shape: say which, and what gives it.</exception>
    public abstract ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape);

    /// <summary>The parameters that it learns. Default: none.</summary>
    /// <param name="inputShape">The shape of an item before the layer.</param>
    public virtual ImmutableArray<CustomParameter> Parameters(ImmutableArray<int> inputShape) => [];

    /// <summary>Computes a stretch of a batch.</summary>
    /// <param name="items">How many items, and their shapes.</param>
    /// <param name="parameters">The parameters, in the order of <see cref="Parameters"/>.</param>
    /// <param name="inputs">[batch, input shape].</param>
    /// <param name="outputs">Destination, [batch, output shape]; zeros at the call.</param>
    public abstract void Forward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs);

    /// <summary>
    /// Computes the loss's gradients by a stretch of a batch's inputs and by the parameters from those by its outputs.
    /// </summary>
    /// <param name="items">How many items, and their shapes.</param>
    /// <param name="parameters">The parameters, in the order of <see cref="Parameters"/>.</param>
    /// <param name="inputs">[batch, input shape]: what <see cref="Forward"/> took.</param>
    /// <param name="outputGradients">[batch, output shape].</param>
    /// <param name="inputGradients">Destination, [batch, input shape]; zeros at the call.</param>
    /// <param name="parameterGradients">
    /// Destination, in the order of <see cref="Parameters"/>; zeros at the call. Summed over the items.
    /// </param>
    public abstract void Backward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, ReadOnlySpan<float> outputGradients,
        Span<float> inputGradients, LayerGradients parameterGradients);

    /// <summary>
    /// Makes a kind of layer known, so that architectures that have one can be read: model files and checkpoints. To be
    /// called once, before. The same kind of the same type may be registered again.
    /// </summary>
    /// <typeparam name="TLayer">The layer.</typeparam>
    /// <param name="kind">Its <see cref="Kind"/>.</param>
    /// <param name="read">
    /// Makes the layer from what <see cref="Describe"/> gave. May throw whatever it likes where something is missing or
    /// wrong: reading ends with an error that says so.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The kind is empty, a library layer's, or another type's already.
    /// </exception>
    public static void Register<TLayer>(string kind, Func<JsonObject, TLayer> read)
        where TLayer : CustomLayer => CustomLayerKinds.Add(kind, typeof(TLayer), read);
}
