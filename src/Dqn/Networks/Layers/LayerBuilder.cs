using System.Collections.Immutable;
using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>
/// Makes working layers from an architecture: a rectifier joins the layer before it, flattening is only order.
/// </summary>
internal sealed class LayerBuilder(KernelSet kernels, WorkerTeam team)
{
    private readonly List<NoisyLinearLayer> _noisy = [];

    /// <summary>Those of the layers built that draw noise, in order.</summary>
    public IReadOnlyList<NoisyLinearLayer> NoisyLayers => _noisy;

    public LayerChain Build(Sequential architecture, ObservationConverter converter)
    {
        // Pixels that no convolution sees first stay in the order they came in.
        ImmutableArray<int> shape = architecture.ObservationShape;
        Items items = converter.IsImage
            ? new Items(shape[0], shape[1], shape[2], IsFlat: false)
            : Items.Of(architecture.ObservationLength);
        return Build(architecture.Layers, items, converter);
    }

    private LayerChain Build(ImmutableArray<Layer> layers, Items items, ObservationConverter? converter)
    {
        List<ILayer> built = [];
        for (int i = 0; i < layers.Length; i++)
        {
            bool rectify = IsRectified(layers, i);
            switch (layers[i])
            {
                case Conv2d conv:
                    built.Add(new Conv2dLayer(
                        conv.Name, items.Channels, items.Height, items.Width, conv.Filters, conv.KernelSize,
                        conv.Stride, conv.Bias, rectify, built.Count == 0 ? converter : null, kernels, team));
                    items = items.After(conv);
                    break;
                case Linear linear:
                    built.Add(FullyConnected(linear.Name, items, linear.Features, linear.Bias, rectify));
                    items = Items.Of(linear.Features);
                    break;
                case NoisyLinear noisy:
                    _noisy.Add(Noisy(noisy, items, rectify));
                    built.Add(_noisy[^1]);
                    items = Items.Of(noisy.Features);
                    break;
                case LayerNorm norm:
                    built.Add(new LayerNormLayer(
                        norm.Name, items.Shape, items.Channels, items.Height * items.Width, rectify, kernels, team));
                    break;
                case Dueling dueling:
                    built.Add(new DuelingLayer(
                        Build(dueling.Value, items, null), Build(dueling.Advantage, items, null), kernels));
                    break;
                case Flatten:
                    items = items with { IsFlat = true };
                    break;
            }
        }

        return new LayerChain(built);
    }

    private LinearLayer FullyConnected(string name, Items items, int features, bool bias, bool rectify) =>
        new(name, items.Channels, items.Height, items.Width, features, bias, rectify, kernels, team);

    private NoisyLinearLayer Noisy(NoisyLinear noisy, Items items, bool rectify)
    {
        LinearLayer mean = FullyConnected(noisy.Name, items, noisy.Features, bias: true, rectify: false);
        LinearLayer deviation = FullyConnected(noisy.Name, items, noisy.Features, bias: true, rectify: false);
        return new NoisyLinearLayer(noisy.Name, noisy.Sigma, rectify, mean, deviation, kernels);
    }

    private static bool IsRectified(ImmutableArray<Layer> layers, int index)
    {
        int next = index + 1;
        while (next < layers.Length && layers[next] is Flatten)
            next++;
        return next < layers.Length && layers[next] is Relu;
    }

    /// <summary>
    /// What goes from one layer to the next: images, which lie [row, column, channel] even where PyTorch has flattened
    /// them, or features, an image of one pixel.
    /// </summary>
    private readonly record struct Items(int Channels, int Height, int Width, bool IsFlat)
    {
        /// <summary>PyTorch's.</summary>
        public long[] Shape => IsFlat ? [(long)Channels * Height * Width] : [Channels, Height, Width];

        public static Items Of(int features) => new(features, 1, 1, IsFlat: true);

        public Items After(Conv2d conv) => new(
            conv.Filters, (Height - conv.KernelSize) / conv.Stride + 1, (Width - conv.KernelSize) / conv.Stride + 1,
            IsFlat: false);
    }
}
