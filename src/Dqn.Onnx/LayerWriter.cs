using System.Collections.Immutable;
using Dqn.Networks;

namespace Dqn.Onnx;

/// <summary>Layers as operators, in order; follows the shape of an item through them.</summary>
/// <param name="graph">What they are added to.</param>
/// <param name="shape">The shape of an item before them: [channels, height, width] or [features].</param>
/// <param name="fractions">At how many fixed fractions the layers after a <see cref="QuantileEmbedding"/> compute.</param>
internal sealed class LayerWriter(OnnxGraph graph, ImmutableArray<int> shape, int fractions)
{
    // ε of the library's layer normalisation: PyTorch's default.
    private const float Epsilon = 1e-5f;

    private const int LayerNormalizationSince = 17;

    private readonly PoolingWriter _pooling = new(graph);
    private ImmutableArray<int> _shape = shape;

    private int Length => _shape.Aggregate(1, (length, axis) => length * axis);

    /// <summary>Adds layers.</summary>
    /// <param name="layers">In order.</param>
    /// <param name="value">The name of what the first takes.</param>
    /// <returns>The name of what the last gives.</returns>
    /// <exception cref="NotSupportedException">A layer does not say how it is exported.</exception>
    public string Add(ImmutableArray<Layer> layers, string value)
    {
        foreach (Layer layer in layers)
            value = Add(layer, value);
        return value;
    }

    private string Add(Layer layer, string value)
    {
        switch (layer)
        {
            case Conv2d conv:
                return Convolution(conv, value);
            case Linear linear:
                return FullyConnected(linear.Name, linear.Features, linear.Bias, "", value);
            case NoisyLinear noisy:
                return FullyConnected(noisy.Name, noisy.Features, bias: true, "_mu", value); // The means: no noise.
            case QuantileEmbedding embedding:
                return Embedded(embedding, value);
            case LayerNorm norm:
                return Normalization(norm, value);
            case Relu:
                return graph.Add("Relu", [value]);
            case Flatten:
                _shape = [Length];
                return graph.Add("Flatten", [value], new OnnxAttribute("axis", 1));
            case MaxPool2d max:
                return Pooled(_pooling.Max(max, value), max.KernelSize, max.Stride, max.Padding);
            case AvgPool2d average:
                return Pooled(_pooling.Average(average, value), average.KernelSize, average.Stride, average.Padding);
            case AdaptiveMaxPool2d max:
                value = _pooling.Max(max, _shape, value);
                _shape = [_shape[0], max.Height, max.Width];
                return value;
            case AdaptiveAvgPool2d average:
                value = _pooling.Average(average, _shape, value);
                _shape = [_shape[0], average.Height, average.Width];
                return value;
            case Residual residual:
                return graph.Add("Add", [value, Add(residual.Layers, value)]);
            case Dueling dueling:
                return Joined(dueling, value);
            case IOnnxLayer own when layer is CustomLayer custom:
                return Own(own, custom, value);
            default:
                throw new NotSupportedException(
                    $"Layer '{(layer as CustomLayer)?.Kind ?? layer.GetType().Name}' ({layer.GetType()}): expected a layer that " +
                    $"says what it computes in ONNX's operators. Implement {nameof(IOnnxLayer)}.");
        }
    }

    private string Convolution(Conv2d conv, string value)
    {
        string weight = conv.SpectralNorm ? Normalized(conv) : graph.Parameter($"{conv.Name}.weight");
        string[] inputs = conv.Bias ? [value, weight, graph.Parameter($"{conv.Name}.bias")] : [value, weight];
        return Pooled(
            graph.Add("Conv", inputs, PoolingWriter.Windows(conv.KernelSize, conv.Stride, conv.Padding)),
            conv.KernelSize, conv.Stride, conv.Padding, conv.Filters);
    }

    /// <summary>W / σ with σ = uᵀ W v / (|u| |v|), computed once.</summary>
    private string Normalized(Conv2d conv)
    {
        string name = $"{conv.Name}.parametrizations.weight";
        float[] weight = graph.Numbers($"{name}.original"), u = graph.Numbers($"{name}.0._u"), v = graph.Numbers($"{name}.0._v");
        double sigma = 0;
        for (int i = 0; i < weight.Length; i++)
            sigma += (double)u[i / v.Length] * weight[i] * v[i % v.Length];
        sigma /= Math.Sqrt(u.Sum(value => (double)value * value) * v.Sum(value => (double)value * value));
        float[] normalized = [.. weight.Select(value => (float)(value / sigma))];
        return graph.Constant(normalized, conv.Filters, _shape[0], conv.KernelSize, conv.KernelSize);
    }

    /// <summary>
    /// [batch, features] to [batch · fractions, features]: times the embedded fractions, which are fixed, so computed once.
    /// </summary>
    private string Embedded(QuantileEmbedding embedding, string value)
    {
        float[] weight = graph.Numbers($"{embedding.Name}.weight"), bias = graph.Numbers($"{embedding.Name}.bias");
        var embedded = new float[fractions * bias.Length];
        for (int i = 0; i < embedded.Length; i++)
        {
            (int fraction, int feature) = Math.DivRem(i, bias.Length);
            double sum = bias[feature], angle = Math.PI * ((fraction + 0.5f) / fractions);
            for (int k = 0; k < embedding.Cosines; k++)
                sum += weight[feature * embedding.Cosines + k] * Math.Cos(angle * k);
            embedded[i] = (float)Math.Max(sum, 0);
        }

        value = graph.Add("Reshape", [value, graph.Constant([-1L, 1, bias.Length], 3)]);
        value = graph.Add("Mul", [value, graph.Constant(embedded, 1, fractions, bias.Length)]);
        return graph.Add("Reshape", [value, graph.Constant([-1L, bias.Length], 2)]);
    }

    private string FullyConnected(string name, int features, bool bias, string suffix, string value)
    {
        _shape = [features];
        string weight = graph.Parameter($"{name}.weight{suffix}");
        return graph.Add(
            "Gemm", bias ? [value, weight, graph.Parameter($"{name}.bias{suffix}")] : [value, weight],
            new OnnxAttribute("transB", 1));
    }

    private string Normalization(LayerNorm norm, string value)
    {
        string weight = graph.Parameter($"{norm.Name}.weight"), bias = graph.Parameter($"{norm.Name}.bias");
        if (graph.Opset >= LayerNormalizationSince)
        {
            return graph.Add(
                "LayerNormalization", [value, weight, bias],
                new OnnxAttribute("axis", 1), new OnnxAttribute("epsilon", Epsilon));
        }

        string difference = graph.Add("Sub", [value, Mean(value)]);
        string variance = Mean(graph.Add("Mul", [difference, difference]));
        string deviation = graph.Add("Sqrt", [graph.Add("Add", [variance, graph.Constant([Epsilon])])]);
        string normal = graph.Add("Div", [difference, deviation]);
        return graph.Add("Add", [graph.Add("Mul", [normal, weight]), bias]);
    }

    /// <summary>Of an item's numbers.</summary>
    private string Mean(string value) => Mean(value, [.. Enumerable.Range(1, _shape.Length)], Length);

    // As a sum, whose schema is the same in all opsets that there are.
    private string Mean(string value, ReadOnlySpan<long> axes, int count) => graph.Add(
        "Mul", [graph.Add("ReduceSum", [value, graph.Constant(axes, axes.Length)]), graph.Constant([1f / count])]);

    /// <summary>v + a − mean a, atom by atom.</summary>
    private string Joined(Dueling dueling, string value)
    {
        ImmutableArray<int> before = _shape;
        string state = Add(dueling.Value, value);
        int atoms = _shape[0];
        _shape = before;
        string advantages = Add(dueling.Advantage, value);
        int actions = _shape[0] / atoms;
        if (atoms == 1)
            return graph.Add("Add", [advantages, graph.Add("Sub", [state, Mean(advantages, [1], actions)])]);

        state = graph.Add("Reshape", [state, graph.Constant([0L, 1, atoms], 3)]);
        advantages = graph.Add("Reshape", [advantages, graph.Constant([0L, actions, atoms], 3)]);
        string joined = graph.Add("Add", [advantages, graph.Add("Sub", [state, Mean(advantages, [1], actions)])]);
        return graph.Add("Flatten", [joined], new OnnxAttribute("axis", 1));
    }

    private string Own(IOnnxLayer own, CustomLayer layer, string value)
    {
        string? added;
        try
        {
            added = own.AddTo(graph, value, _shape);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidOperationException($"Layer '{layer.Kind}': {exception.Message}", exception);
        }

        if (added is null || !graph.Has(added))
        {
            throw new InvalidOperationException(
                $"Layer '{layer.Kind}': expected {nameof(IOnnxLayer.AddTo)} to return a name that the graph gave, got " +
                $"{(added is null ? "null" : $"'{added}'")}.");
        }

        _shape = layer.OutputShape(_shape);
        return added;
    }

    private string Pooled(string value, int kernelSize, int stride, int padding, int? channels = null)
    {
        _shape = [channels ?? _shape[0], Positions(_shape[1]), Positions(_shape[2])];
        return value;

        int Positions(int size) => (size + 2 * padding - kernelSize) / stride + 1;
    }
}
