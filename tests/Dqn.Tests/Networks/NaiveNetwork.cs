using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Tests.Networks;

/// <summary>
/// The plainest network that reads a <see cref="Sequential"/>: double precision, PyTorch's layouts, one item at a
/// time.
/// </summary>
internal sealed class NaiveNetwork(Sequential architecture, StateDict parameters)
{
    public Dictionary<string, double[]> Parameters { get; } = parameters.ToDictionary(
        p => p.Key, p => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(p.Value.Data).ToArray(), v => (double)v));

    /// <summary>The actions' values.</summary>
    public double[] Evaluate(ReadOnlySpan<byte> observation)
    {
        double[] outputs = Outputs(observation);
        return architecture.Distribution is not { } distribution ? outputs : [.. outputs.Chunk(distribution.Atoms)
            .Select(atoms => distribution is CategoricalDistribution grid
                ? Softmax(atoms).Select((p, i) => p * grid.ReturnOf(i)).Sum()
                : atoms.Average())];
    }

    /// <summary>What the last layer gives: [actions], or [actions, atoms].</summary>
    public double[] Outputs(ReadOnlySpan<byte> observation)
    {
        double[] x = architecture.Pixels
            ? Array.ConvertAll(observation.ToArray(), v => v / 255.0)
            : Array.ConvertAll(MemoryMarshal.Cast<byte, float>(observation).ToArray(), v => (double)v);
        int[] shape = [.. architecture.ObservationShape];
        foreach (Layer layer in architecture.Layers)
        {
            switch (layer)
            {
                case Conv2d conv:
                    x = Convolve(x, shape, conv, out shape);
                    break;
                case Linear linear:
                    double[] weight = Parameters[linear.Name + ".weight"], bias = Parameters[linear.Name + ".bias"],
                        input = x;
                    x = [.. Enumerable.Range(0, linear.Features).Select(
                        n => bias[n] + input.Select((v, k) => v * weight[n * input.Length + k]).Sum())];
                    shape = [linear.Features];
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

    public double LossOf(Loss loss, byte[] observations, int[] actions, float[] targets, float[] weights)
    {
        double sum = 0;
        for (int b = 0; b < actions.Length; b++)
        {
            int bytes = architecture.ObservationBytes, atoms = architecture.Distribution?.Atoms ?? 1;
            double[] taken = Outputs(observations.AsSpan(b * bytes, bytes))[
                (actions[b] * atoms)..((actions[b] + 1) * atoms)];
            float[] target = targets[(b * atoms)..((b + 1) * atoms)];
            double d = taken[0] - target[0];
            double cost = architecture.Distribution switch
            {
                CategoricalDistribution => -target.Zip(Softmax(taken), (m, p) => m * Math.Log(p)).Sum(),
                QuantileDistribution => QuantileLoss(taken, target),
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

    private static double[] Softmax(double[] x)
    {
        double sum = x.Sum(Math.Exp);
        return [.. x.Select(v => Math.Exp(v) / sum)];
    }

    private static double Huber(double d) => Math.Abs(d) < 1 ? 0.5 * d * d : Math.Abs(d) - 0.5;

    private static double QuantileLoss(double[] quantiles, float[] targets) => quantiles.Select((quantile, i) =>
        targets.Average(target => Math.Abs((i + 0.5) / quantiles.Length - (target < quantile ? 1 : 0)) *
            Huber(target - quantile))).Sum();

    private double[] Convolve(double[] x, int[] shape, Conv2d conv, out int[] outShape)
    {
        (int channels, int height, int width, int size) = (shape[0], shape[1], shape[2], conv.KernelSize);
        (int outHeight, int outWidth) = ((height - size) / conv.Stride + 1, (width - size) / conv.Stride + 1);
        double[] weight = Parameters[conv.Name + ".weight"], bias = Parameters[conv.Name + ".bias"];
        var y = new double[conv.Filters * outHeight * outWidth];
        for (int n = 0, at = 0; n < conv.Filters; n++)
            for (int oy = 0; oy < outHeight; oy++)
                for (int ox = 0; ox < outWidth; ox++, at++)
                {
                    y[at] = bias[n];
                    for (int c = 0; c < channels; c++)
                        for (int ky = 0; ky < size; ky++)
                            for (int kx = 0; kx < size; kx++)
                                y[at] += x[(c * height + oy * conv.Stride + ky) * width + ox * conv.Stride + kx]
                                    * weight[((n * channels + c) * size + ky) * size + kx];
                }

        outShape = [conv.Filters, outHeight, outWidth];
        return y;
    }
}
