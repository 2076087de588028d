using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>
/// The plainest network that reads a <see cref="Sequential"/>: double precision, PyTorch's layouts, one item at a
/// time.
/// </summary>
internal sealed class NaiveNetwork(Sequential architecture, StateDict parameters)
{
    // How many noisy layers the item has passed.
    private int _noisy;

    // What quantile is asked for.
    private double _fraction;

    /// <summary>For each noisy layer in order f(ε) of its inputs, [row, column, channel], and of its outputs.</summary>
    public float[][][] Noise { get; init; } = [];

    /// <summary>Where quantiles are drawn, the fractions that were, [batch, samples].</summary>
    public float[] Fractions { get; set; } = [];

    public Dictionary<string, double[]> Parameters { get; } = parameters.ToDictionary(
        p => p.Key, p => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(p.Value.Data).ToArray(), v => (double)v));

    /// <summary>The actions' values.</summary>
    public double[] Evaluate(ReadOnlySpan<byte> observation)
    {
        double[] outputs = Outputs(observation);
        return [.. outputs.Chunk(architecture.Distribution.Atoms)
            .Select(atoms => architecture.Distribution is CategoricalDistribution grid
                ? Softmax(atoms).Select((p, i) => p * grid.ReturnOf(i)).Sum()
                : atoms.Average())];
    }

    /// <summary>What the last layer gives: [actions], or [actions, atoms].</summary>
    public double[] Outputs(ReadOnlySpan<byte> observation) =>
        architecture.Distribution is ImplicitQuantileDistribution { Atoms: var atoms }
            ? Outputs(observation, [.. Enumerable.Range(0, atoms).Select(i => (i + 0.5f) / atoms)])
            : Pass(observation);

    /// <summary>For the fractions asked for, [actions, fractions].</summary>
    public double[] Outputs(ReadOnlySpan<byte> observation, ReadOnlySpan<float> fractions)
    {
        var outputs = new double[architecture.ActionCount * fractions.Length];
        for (int i = 0; i < fractions.Length; i++)
        {
            _fraction = fractions[i];
            double[] values = Pass(observation);
            for (int action = 0; action < values.Length; action++)
                outputs[action * fractions.Length + i] = values[action];
        }

        return outputs;
    }

    /// <summary>One power iteration of each layer that has spectral normalisation.</summary>
    public void Iterate()
    {
        foreach (string left in Parameters.Keys.Where(name => name.EndsWith("._u", StringComparison.Ordinal)).ToArray())
        {
            string name = left[..^"0._u".Length];
            (double[] u, double[] v) = (Parameters[left], Parameters[name + "0._v"]);
            double[] weight = Parameters[name + "original"];
            for (int n = 0; n < u.Length; n++)
                u[n] = v.Select((value, k) => value * weight[n * v.Length + k]).Sum();
            Normalize(u);
            for (int k = 0; k < v.Length; k++)
                v[k] = u.Select((value, n) => value * weight[n * v.Length + k]).Sum();
            Normalize(v);
        }

        static void Normalize(double[] vector)
        {
            double length = Math.Sqrt(vector.Sum(value => value * value));
            for (int i = 0; i < vector.Length; i++)
                vector[i] /= length;
        }
    }

    private double[] Pass(ReadOnlySpan<byte> observation)
    {
        double[] x = architecture.Pixels
            ? Array.ConvertAll(observation.ToArray(), v => v / 255.0)
            : Array.ConvertAll(MemoryMarshal.Cast<byte, float>(observation).ToArray(), v => (double)v);
        _noisy = 0;
        return Follow(architecture.Layers, x, [.. architecture.ObservationShape]);
    }

    public double LossOf(Loss loss, byte[] observations, int[] actions, float[] targets, float[] weights)
    {
        double sum = 0;
        for (int b = 0; b < actions.Length; b++)
        {
            int bytes = architecture.ObservationBytes, atoms = architecture.Distribution.Atoms;
            int fitted = architecture.Distribution.Fitted;
            float[] fractions = Fractions.Length > 0
                ? Fractions[(b * fitted)..((b + 1) * fitted)]
                : [.. Enumerable.Range(0, fitted).Select(i => (i + 0.5f) / fitted)];
            ReadOnlySpan<byte> observation = observations.AsSpan(b * bytes, bytes);
            double[] outputs = Fractions.Length > 0 ? Outputs(observation, fractions) : Outputs(observation);
            double[] taken = outputs[(actions[b] * fitted)..((actions[b] + 1) * fitted)];
            float[] target = targets[(b * atoms)..((b + 1) * atoms)];
            double d = taken[0] - target[0];
            double cost = architecture.Distribution switch
            {
                CategoricalDistribution => -target.Zip(Softmax(taken), (m, p) => m * Math.Log(p)).Sum(),
                QuantileDistribution or ImplicitQuantileDistribution => QuantileLoss(fractions, taken, target),
                _ => loss == Loss.MeanSquared ? d * d : Huber(d),
            };
            sum += cost * (weights.Length == 0 ? 1 : weights[b]);
        }

        return sum / actions.Length;
    }

    /// <summary>
    /// The loss's derivative by one parameter: a central difference, too short to meet a rectifier's kink often.
    /// </summary>
    public double Slope(string name, int index, Func<double> loss)
    {
        const double Step = 1e-6;
        double[] values = Parameters[name];
        double kept = values[index];
        values[index] = kept + Step;
        double above = loss();
        values[index] = kept - Step;
        double below = loss();
        values[index] = kept;
        return (above - below) / (2 * Step);
    }

    private double[] Follow(IEnumerable<Layer> layers, double[] x, int[] shape)
    {
        return Follow(layers, x, ref shape, architecture.Layers[0] is Flatten ? [x.Length] : shape);
    }

    private double[] Follow(IEnumerable<Layer> layers, double[] x, ref int[] shape, int[] image)
    {
        foreach (Layer layer in layers)
        {
            switch (layer)
            {
                case Conv2d conv:
                    x = Convolve(x, shape, conv, out shape);
                    image = shape;
                    break;
                case Linear linear:
                    x = Transform(x, Parameters[linear.Name + ".weight"], Bias(linear.Name, linear.Features));
                    image = shape = [linear.Features];
                    break;
                case NoisyLinear noisy:
                    x = Noisy(x, noisy, image);
                    image = shape = [noisy.Features];
                    break;
                case QuantileEmbedding embedding:
                    double[] cosines = [.. Enumerable.Range(0, embedding.Cosines).Select(i => Math.Cos(Math.PI * i * _fraction))];
                    double[] embedded = Transform(
                        cosines, Parameters[embedding.Name + ".weight"], Parameters[embedding.Name + ".bias"]);
                    x = [.. x.Zip(embedded, (feature, factor) => feature * Math.Max(factor, 0))];
                    break;
                case LayerNorm norm:
                    double mean = x.Average(), variance = x.Average(v => (v - mean) * (v - mean));
                    x = [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + 1e-5)
                        * Parameters[norm.Name + ".weight"][i] + Parameters[norm.Name + ".bias"][i])];
                    break;
                case Dueling dueling:
                    int[] values = shape, advantages = shape;
                    double[] value = Follow(dueling.Value, x, ref values, image);
                    double[] advantage = Follow(dueling.Advantage, x, ref advantages, image);
                    x = [.. advantage.Select((a, i) => value[i % value.Length] + a - advantage
                        .Where((_, other) => other % value.Length == i % value.Length).Average())];
                    break;
                case MaxPool2d max:
                    x = NaivePools.Slide(x, shape, max.KernelSize, max.Stride, max.Padding, w => w.Max(), out shape);
                    image = shape;
                    break;
                case AvgPool2d avg:
                    double area = avg.KernelSize * avg.KernelSize;
                    x = NaivePools.Slide(
                        x, shape, avg.KernelSize, avg.Stride, avg.Padding, w => w.Sum() / area, out shape);
                    image = shape;
                    break;
                case AdaptiveMaxPool2d max:
                    x = NaivePools.Cover(x, shape, max.Height, max.Width, w => w.Max(), out shape);
                    image = shape;
                    break;
                case AdaptiveAvgPool2d avg:
                    x = NaivePools.Cover(x, shape, avg.Height, avg.Width, w => w.Average(), out shape);
                    image = shape;
                    break;
                case Residual residual:
                    int[] inside = shape;
                    x = [.. Follow(residual.Layers, x, ref inside, shape).Zip(x, (f, skipped) => f + skipped)];
                    image = shape;
                    break;
                case CustomLayer custom:
                    x = ((INaiveLayer)custom).Follow(x, shape, Parameters);
                    image = shape = [.. custom.OutputShape([.. shape])];
                    break;
                case Relu:
                    x = Array.ConvertAll(x, v => Math.Max(v, 0));
                    break;
                case Flatten:
                    shape = [x.Length];
                    break;
            }
        }

        return x;
    }

    private double[] Bias(string layer, int count) =>
        Parameters.GetValueOrDefault(layer + ".bias") ?? new double[count];

    private static double[] Transform(double[] x, double[] weight, double[] bias) =>
        [.. bias.Select((b, n) => b + x.Select((v, k) => v * weight[n * x.Length + k]).Sum())];

    private double[] Noisy(double[] x, NoisyLinear layer, int[] image)
    {
        float[][] noise = Noise[_noisy++];
        int channels = image[0], pixels = x.Length / channels;
        double[] weight = [.. Parameters[layer.Name + ".weight_mu"].Zip(Parameters[layer.Name + ".weight_sigma"])
            .Select((w, i) => w.First + w.Second * noise[1][i / x.Length]
                * noise[0][i % x.Length % pixels * channels + i % x.Length / pixels])];
        double[] bias = [.. Parameters[layer.Name + ".bias_mu"].Zip(Parameters[layer.Name + ".bias_sigma"])
            .Select((b, n) => b.First + b.Second * noise[1][n])];
        return Transform(x, weight, bias);
    }

    private static double[] Softmax(double[] x)
    {
        double sum = x.Sum(Math.Exp);
        return [.. x.Select(v => Math.Exp(v) / sum)];
    }

    private static double Huber(double d) => Math.Abs(d) < 1 ? 0.5 * d * d : Math.Abs(d) - 0.5;

    private static double QuantileLoss(float[] fractions, double[] quantiles, float[] targets) =>
        quantiles.Select((quantile, i) => targets.Average(target =>
            Math.Abs(fractions[i] - (target < quantile ? 1 : 0)) * Huber(target - quantile))).Sum();

    // Divided by uᵀ W v.
    private double[] Normalized(Conv2d conv)
    {
        string name = $"{conv.Name}.parametrizations.weight.";
        double[] weight = Parameters[name + "original"], u = Parameters[name + "0._u"], v = Parameters[name + "0._v"];
        double sigma = weight.Select((w, i) => u[i / v.Length] * w * v[i % v.Length]).Sum();
        return [.. weight.Select(w => w / sigma)];
    }

    private double[] Convolve(double[] x, int[] shape, Conv2d conv, out int[] outShape)
    {
        (int channels, int height, int width, int size) = (shape[0], shape[1], shape[2], conv.KernelSize);
        int outHeight = (height + 2 * conv.Padding - size) / conv.Stride + 1;
        int outWidth = (width + 2 * conv.Padding - size) / conv.Stride + 1;
        double[] weight = conv.SpectralNorm ? Normalized(conv) : Parameters[conv.Name + ".weight"], bias = Bias(conv.Name, conv.Filters);
        var y = new double[conv.Filters * outHeight * outWidth];
        for (int n = 0, at = 0; n < conv.Filters; n++)
            for (int oy = 0; oy < outHeight; oy++)
                for (int ox = 0; ox < outWidth; ox++, at++)
                {
                    y[at] = bias[n];
                    for (int c = 0; c < channels; c++)
                        for (int ky = 0; ky < size; ky++)
                            for (int kx = 0; kx < size; kx++)
                            {
                                int row = oy * conv.Stride + ky - conv.Padding, column = ox * conv.Stride + kx - conv.Padding;
                                if (row >= 0 && row < height && column >= 0 && column < width)
                                    y[at] += x[(c * height + row) * width + column]
                                        * weight[((n * channels + c) * size + ky) * size + kx];
                            }
                }

        outShape = [conv.Filters, outHeight, outWidth];
        return y;
    }
}
