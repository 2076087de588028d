using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Networks;

namespace Dqn.Tests.Networks;

/// <summary>x · sigmoid(β x) with one learnt β, of any shape.</summary>
internal sealed record Swish(string Name) : CustomLayer, INaiveLayer
{
    public override string Kind => "Swish";

    public override JsonObject Describe() => new() { ["name"] = Name };

    public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => inputShape;

    public override ImmutableArray<CustomParameter> Parameters(ImmutableArray<int> inputShape) =>
        [CustomParameter.Constant($"{Name}.beta", [1], 1)];

    public override void Forward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        float beta = parameters[0][0];
        for (int i = 0; i < inputs.Length; i++)
            outputs[i] = inputs[i] / (1 + MathF.Exp(-beta * inputs[i]));
    }

    public override void Backward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, ReadOnlySpan<float> outputGradients,
        Span<float> inputGradients, LayerGradients parameterGradients)
    {
        float beta = parameters[0][0];
        for (int i = 0; i < inputs.Length; i++)
        {
            float x = inputs[i], s = 1 / (1 + MathF.Exp(-beta * x)), slope = s * (1 - s);
            inputGradients[i] = outputGradients[i] * (s + beta * x * slope);
            parameterGradients[0][0] += outputGradients[i] * x * x * slope;
        }
    }

    public double[] Follow(double[] x, int[] shape, Dictionary<string, double[]> parameters) =>
        [.. x.Select(v => v / (1 + Math.Exp(-parameters[$"{Name}.beta"][0] * v)))];
}

/// <summary>
/// [c, h, w] to [c + extra, w, h]: each channel scaled and turned, then channels that are all channels' mean, moved by
/// row. Any mistake in the order of numbers shows.
/// </summary>
internal sealed record Turn(string Name, int Extra) : CustomLayer, INaiveLayer
{
    public override string Kind => "Turn";

    public override JsonObject Describe() => new() { ["name"] = Name, ["extra"] = Extra };

    public static Turn Read(JsonObject json) => new((string)json["name"]!, (int)json["extra"]!);

    public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => inputShape is [var c, var h, var w]
        ? [c + Extra, w, h]
        : throw new ArgumentException("expected [channels, height, width]: put it before a Flatten.");

    public override ImmutableArray<CustomParameter> Parameters(ImmutableArray<int> inputShape) =>
    [
        CustomParameter.Uniform($"{Name}.scale", [inputShape[0]], 0.7),
        new CustomParameter($"{Name}.shift", [inputShape[1], 1], (random, values) =>
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = i + (float)random.Uniform(0, 1);
        }),
    ];

    public override void Forward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        (int channels, int height, int width) = (items.InputShape[0], items.InputShape[1], items.InputShape[2]);
        for (int b = 0; b < items.Batch; b++)
            for (int c = 0; c < channels; c++)
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++)
                    {
                        float value = inputs[b * items.InputLength + (c * height + y) * width + x];
                        outputs[b * items.OutputLength + (c * width + x) * height + y] = value * parameters[0][c];
                        for (int e = channels; e < channels + Extra; e++)
                        {
                            outputs[b * items.OutputLength + (e * width + x) * height + y] +=
                                (value + parameters[1][y]) / channels;
                        }
                    }
    }

    public override void Backward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, ReadOnlySpan<float> outputGradients,
        Span<float> inputGradients, LayerGradients parameterGradients)
    {
        (int channels, int height, int width) = (items.InputShape[0], items.InputShape[1], items.InputShape[2]);
        for (int b = 0; b < items.Batch; b++)
            for (int c = 0; c < channels; c++)
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++)
                    {
                        int at = b * items.InputLength + (c * height + y) * width + x;
                        float gradient = outputGradients[b * items.OutputLength + (c * width + x) * height + y];
                        inputGradients[at] += gradient * parameters[0][c];
                        parameterGradients[0][c] += gradient * inputs[at];
                        for (int e = channels; e < channels + Extra; e++)
                        {
                            float mean = outputGradients[b * items.OutputLength + (e * width + x) * height + y] / channels;
                            inputGradients[at] += mean;
                            parameterGradients[1][y] += mean;
                        }
                    }
    }

    public double[] Follow(double[] x, int[] shape, Dictionary<string, double[]> parameters)
    {
        (int channels, int height, int width) = (shape[0], shape[1], shape[2]);
        var result = new double[(channels + Extra) * width * height];
        for (int c = 0; c < channels + Extra; c++)
            for (int column = 0; column < width; column++)
                for (int row = 0; row < height; row++)
                {
                    result[(c * width + column) * height + row] = c < channels
                        ? x[(c * height + row) * width + column] * parameters[$"{Name}.scale"][c]
                        : Enumerable.Range(0, channels).Average(i => x[(i * height + row) * width + column])
                            + parameters[$"{Name}.shift"][row];
                }

        return result;
    }
}

/// <summary>[n] to [features], each the sum of the squares of every so many-th feature: without parameters.</summary>
internal sealed record Energies(int Features) : CustomLayer, INaiveLayer
{
    public override string Kind => "Energies";

    public override JsonObject Describe() => new() { ["features"] = Features };

    public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => [Features];

    public override void Forward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        for (int i = 0; i < inputs.Length; i++)
            outputs[Place(items, i)] += inputs[i] * inputs[i];
    }

    public override void Backward(
        LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, ReadOnlySpan<float> outputGradients,
        Span<float> inputGradients, LayerGradients parameterGradients)
    {
        for (int i = 0; i < inputs.Length; i++)
            inputGradients[i] = 2 * inputs[i] * outputGradients[Place(items, i)];
    }

    public double[] Follow(double[] x, int[] shape, Dictionary<string, double[]> parameters) =>
        [.. Enumerable.Range(0, Features).Select(n => x.Where((_, i) => i % Features == n).Sum(v => v * v))];

    private static int Place(LayerItems items, int i) =>
        i / items.InputLength * items.OutputLength + i % items.InputLength % items.OutputLength;
}
