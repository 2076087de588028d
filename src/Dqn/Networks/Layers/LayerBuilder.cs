using System.Collections.Immutable;
using Dqn.Threading;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// Makes working layers from an architecture: a rectifier joins the layer before it where that can take it along,
/// flattening is only order.
/// </summary>
internal sealed class LayerBuilder(KernelSet kernels, WorkerTeam team)
{
    private readonly List<NoisyLinearLayer> _noisy = [];
    private readonly List<SpectralConv2dLayer> _spectral = [];
    private ImplicitQuantileDistribution? _quantiles;

    /// <summary>Those of the layers built that draw noise, in order.</summary>
    public IReadOnlyList<NoisyLinearLayer> NoisyLayers => _noisy;

    /// <summary>Those that normalise their weights by a singular value, in order.</summary>
    public IReadOnlyList<SpectralConv2dLayer> SpectralLayers => _spectral;

    /// <summary>The one that is asked for fractions, if there is one.</summary>
    public QuantileEmbeddingLayer? QuantileLayer { get; private set; }

    public LayerChain Build(Sequential architecture, ObservationConverter converter)
    {
        _quantiles = architecture.Distribution as ImplicitQuantileDistribution;

        // Pixels that are flattened before any layer sees them as an image stay in the order they came in.
        ImmutableArray<int> shape = architecture.ObservationShape;
        ItemLayout items = converter.IsImage
            ? new ItemLayout(shape[0], shape[1], shape[2], IsFlat: false)
            : ItemLayout.Of(architecture.ObservationLength);
        return Build(architecture.Layers, ref items, converter.FeedsConvolution ? converter : null);
    }

    /// <summary>Makes a chain.</summary>
    /// <param name="layers">The descriptions.</param>
    /// <param name="items">What goes in, and afterwards what comes out.</param>
    /// <param name="converter">If not null, the first layer is a convolution that takes its images from it.</param>
    /// <param name="endsBare">
    /// Whether a last rectifier is a layer of its own, because something is added to the outputs.
    /// </param>
    private LayerChain Build(
        ImmutableArray<Layer> layers, ref ItemLayout items, ObservationConverter? converter, bool endsBare = false)
    {
        List<ILayer> built = [];
        for (int i = 0; i < layers.Length; i++)
        {
            bool rectify = IsRectified(layers, i, endsBare);
            switch (layers[i])
            {
                case Conv2d conv:
                    Conv2dLayer convolution = new(
                        conv, items.Channels, items.Height, items.Width, rectify, built.Count == 0 ? converter : null,
                        kernels, team);
                    if (conv.SpectralNorm)
                    {
                        _spectral.Add(new SpectralConv2dLayer(conv.Name, convolution));
                        built.Add(_spectral[^1]);
                    }
                    else
                    {
                        built.Add(convolution);
                    }

                    items = new ItemLayout(
                        conv.Filters, conv.PositionsAlong(items.Height), conv.PositionsAlong(items.Width), IsFlat: false);
                    break;
                case Linear linear:
                    built.Add(FullyConnected(linear.Name, items, linear.Features, linear.Bias, rectify));
                    items = ItemLayout.Of(linear.Features);
                    break;
                case NoisyLinear noisy:
                    _noisy.Add(Noisy(noisy, items, rectify));
                    built.Add(_noisy[^1]);
                    items = ItemLayout.Of(noisy.Features);
                    break;
                case QuantileEmbedding embedding:
                    ItemLayout embedded = items;
                    QuantileLayer = new QuantileEmbeddingLayer(
                        embedding, embedded, Build(layers[(i + 1)..], ref items, null), _quantiles!, kernels, team);
                    built.Add(QuantileLayer);
                    return new LayerChain(built);
                case LayerNorm norm:
                    built.Add(new LayerNormLayer(
                        norm.Name, items.Shape, items.Channels, items.Height * items.Width, rectify, kernels, team));
                    break;
                case MaxPool2d max:
                    Pool(new MaxPooling(), max.WindowsAlong(items.Height), max.WindowsAlong(items.Width), ref items);
                    break;
                case AvgPool2d avg:
                    Pool(new AvgPooling(), avg.WindowsAlong(items.Height), avg.WindowsAlong(items.Width), ref items);
                    break;
                case AdaptiveMaxPool2d max:
                    Pool(new MaxPooling(), PoolAxis.Covering(items.Height, max.Height),
                        PoolAxis.Covering(items.Width, max.Width), ref items);
                    break;
                case AdaptiveAvgPool2d avg:
                    Pool(new AvgPooling(), PoolAxis.Covering(items.Height, avg.Height),
                        PoolAxis.Covering(items.Width, avg.Width), ref items);
                    break;
                case Residual residual:
                    if (items.IsFlat)
                        ToPyTorchOrder(built, ref items); // Its layers give features back in that order.
                    LayerChain added = Build(residual.Layers, ref items, null, endsBare: true);
                    built.Add(new ResidualLayer(added, rectify, kernels, team));
                    break;
                case Dueling dueling:
                    ItemLayout values = items, advantages = items;
                    built.Add(new DuelingLayer(
                        Build(dueling.Value, ref values, null), Build(dueling.Advantage, ref advantages, null), kernels));
                    break;
                case CustomLayer custom:
                    AddCustom(built, custom, ref items);
                    break;
                case Flatten:
                    items = items with { IsFlat = true };
                    break;
                case Relu when built.Count == 0 || !(built[^1].Rectify || built[^1] is ReluLayer):
                    built.Add(new ReluLayer(items.Length, kernels, team));
                    break;
            }
        }

        return new LayerChain(built);

        void Pool(IPooling pooling, PoolAxis rows, PoolAxis columns, ref ItemLayout items)
        {
            built.Add(new PoolLayer(
                pooling, items.Channels, items.Height, items.Width, rows, columns, kernels, team));
            items = items with { Height = rows.Count, Width = columns.Count };
        }
    }

    private LinearLayer FullyConnected(string name, ItemLayout items, int features, bool bias, bool rectify) =>
        new(name, items.Channels, items.Height, items.Width, features, bias, rectify, kernels, team);

    private NoisyLinearLayer Noisy(NoisyLinear noisy, ItemLayout items, bool rectify)
    {
        LinearLayer mean = FullyConnected(noisy.Name, items, noisy.Features, bias: true, rectify: false);
        LinearLayer deviation = FullyConnected(noisy.Name, items, noisy.Features, bias: true, rectify: false);
        return new NoisyLinearLayer(noisy.Name, noisy.Sigma, rectify, mean, deviation, kernels);
    }

    /// <summary>A layer of the user's own, which reads and writes PyTorch's order.</summary>
    private void AddCustom(List<ILayer> built, CustomLayer layer, ref ItemLayout items)
    {
        ImmutableArray<int> before = [.. items.Shape.Select(axis => (int)axis)], after = layer.OutputShape(before);
        ToPyTorchOrder(built, ref items);
        built.Add(new CustomLayerWork(layer, before, after, kernels, team));
        items = after.Length == 3
            ? new ItemLayout(after[0], after[1], after[2], IsFlat: false)
            : ItemLayout.Of(after[0]);
        if (items.IsReordered)
            built.Add(new ReorderLayer(items.Channels, items.Height * items.Width, toPyTorch: false, kernels, team));
    }

    private void ToPyTorchOrder(List<ILayer> built, ref ItemLayout items)
    {
        if (items.IsReordered)
            built.Add(new ReorderLayer(items.Channels, items.Height * items.Width, toPyTorch: true, kernels, team));
        items = ItemLayout.Of(items.Length);
    }

    /// <summary>Whether the layer is to rectify its outputs: a rectifier follows.</summary>
    private static bool IsRectified(ImmutableArray<Layer> layers, int index, bool endsBare)
    {
        int next = index + 1;
        while (next < layers.Length && layers[next] is Flatten)
            next++;
        if (next == layers.Length || layers[next] is not Relu)
            return false;
        return !endsBare || layers.Skip(next).Any(layer => layer is not (Relu or Flatten));
    }
}
