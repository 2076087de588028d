using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dqn.Networks;

/// <summary>
/// A <see cref="Sequential"/> architecture as a TorchSharp module, its layers under the names that it gives them. Noisy
/// layers, spectral normalisation, implicit quantiles and layers of your own are <see cref="QNetwork"/>'s alone.
/// </summary>
public sealed class TorchSequential : Module<Tensor, Tensor>
{
    private readonly List<Func<Tensor, Tensor>> _layers;
    private readonly long[] _shape;

    /// <summary>Makes the module, on the processor.</summary>
    /// <exception cref="NotSupportedException">
    /// A layer that this engine does not know: a <see cref="NoisyLinear"/>, a <see cref="QuantileEmbedding"/>, a
    /// <see cref="Conv2d"/> with <see cref="Conv2d.SpectralNorm"/> or a <see cref="CustomLayer"/>.
    /// </exception>
    public TorchSequential(Sequential architecture)
        : base(TorchLibrary.LoadFor(nameof(TorchSequential)))
    {
        ArgumentNullException.ThrowIfNull(architecture);
        _shape = [.. architecture.ObservationShape.Select(axis => (long)axis)];
        _layers = Build(architecture.Layers, _shape);
    }

    /// <summary>The outputs: the values of all actions, or their atoms.</summary>
    /// <param name="input">[batch, observation shape], pixels as 0 … 1.</param>
    /// <returns>[batch, actions] or [batch, actions · atoms].</returns>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        TorchShapes.RequireItems(input, _shape);
        using DisposeScope scope = NewDisposeScope();
        return scope.MoveToOuter(Run(_layers, input));
    }

    private static Tensor Run(List<Func<Tensor, Tensor>> layers, Tensor x)
    {
        foreach (Func<Tensor, Tensor> layer in layers)
            x = layer(x);
        return x;
    }

    private List<Func<Tensor, Tensor>> Build(ImmutableArray<Layer> layers, long[] shape)
    {
        List<Func<Tensor, Tensor>> built = [];
        foreach (Layer layer in layers)
        {
            switch (layer)
            {
                case Conv2d { SpectralNorm: true } conv:
                    throw new NotSupportedException(
                        $"Expected convolutions that LibTorch computes, got '{conv.Name}' with spectral normalisation: only " +
                        "QNetwork computes it. Leave it out or use QNetwork.");
                case Conv2d conv:
                    built.Add(Register(
                        conv.Name, nn.Conv2d(
                            shape[0], conv.Filters, conv.KernelSize, stride: conv.Stride, padding: conv.Padding,
                            bias: conv.Bias)));
                    shape = Windows(shape, conv.Filters, conv.KernelSize, conv.Stride, conv.Padding);
                    break;
                case Linear linear:
                    built.Add(Register(linear.Name, nn.Linear(shape[0], linear.Features, hasBias: linear.Bias)));
                    shape = [linear.Features];
                    break;
                case LayerNorm norm:
                    built.Add(Register(norm.Name, nn.LayerNorm(shape)));
                    break;
                case Dueling dueling:
                    built.Add(Joined(
                        Build(dueling.Value, shape), Build(dueling.Advantage, shape),
                        ((Linear)dueling.Value[^1]).Features));
                    break;
                case MaxPool2d max:
                    built.Add(x => functional.max_pool2d(
                        x, [max.KernelSize, max.KernelSize], [max.Stride, max.Stride], [max.Padding, max.Padding]));
                    shape = Windows(shape, shape[0], max.KernelSize, max.Stride, max.Padding);
                    break;
                case AvgPool2d avg:
                    built.Add(x => functional.avg_pool2d(
                        x, [avg.KernelSize, avg.KernelSize], [avg.Stride, avg.Stride], [avg.Padding, avg.Padding]));
                    shape = Windows(shape, shape[0], avg.KernelSize, avg.Stride, avg.Padding);
                    break;
                case AdaptiveMaxPool2d max:
                    Module<Tensor, Tensor> largest = nn.AdaptiveMaxPool2d([max.Height, max.Width]);
                    built.Add(largest.call);
                    shape = [shape[0], max.Height, max.Width];
                    break;
                case AdaptiveAvgPool2d avg:
                    built.Add(x => functional.adaptive_avg_pool2d(x, [avg.Height, avg.Width]));
                    shape = [shape[0], avg.Height, avg.Width];
                    break;
                case Residual residual:
                    List<Func<Tensor, Tensor>> added = Build(residual.Layers, shape);
                    built.Add(x => x + Run(added, x));
                    break;
                case CustomLayer custom:
                    throw new NotSupportedException(
                        $"Expected layers of the library, got '{custom.Kind}', a layer of your own: only QNetwork computes it.");
                case Flatten:
                    built.Add(x => x.flatten(1));
                    shape = [shape.Aggregate(1L, (product, axis) => product * axis)];
                    break;
                case Relu:
                    built.Add(x => functional.relu(x));
                    break;
                default:
                    throw new NotSupportedException(
                        $"Expected a layer that LibTorch computes, got a {layer.GetType().Name}, which only QNetwork computes. " +
                        "Leave it out or use QNetwork.");
            }
        }

        return built;

        static long[] Windows(long[] shape, long channels, int kernel, int stride, int padding) =>
        [
            channels, (shape[1] + 2 * padding - kernel) / stride + 1, (shape[2] + 2 * padding - kernel) / stride + 1,
        ];
    }

    private Func<Tensor, Tensor> Register(string name, Module<Tensor, Tensor> module)
    {
        register_module(name, module);
        return module.call;
    }

    // value + advantage − the actions' mean advantage, atom by atom.
    private static Func<Tensor, Tensor> Joined(
        List<Func<Tensor, Tensor>> value, List<Func<Tensor, Tensor>> advantage, int atoms) => features =>
    {
        Tensor advantages = Run(advantage, features).unflatten(1, [-1, atoms]);
        Tensor values = Run(value, features).unsqueeze(1);
        return (values + advantages - advantages.mean([1], keepdim: true)).flatten(1);
    };
}
