using System.Collections.Immutable;
using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>
/// Makes working layers from an architecture: a rectifier joins the layer before it, flattening is only order.
/// </summary>
internal static class LayerBuilder
{
    public static LayerChain Build(
        Sequential architecture, ObservationConverter converter, KernelSet kernels, WorkerTeam team)
    {
        ImmutableArray<Layer> layers = architecture.Layers;
        List<ILayer> built = [];

        // Images lie [row, column, channel]; features are an image of one pixel. Pixels that no convolution sees first
        // stay in the order they came in.
        ImmutableArray<int> shape = architecture.ObservationShape;
        (int channels, int height, int width) = shape.Length == 3 ? (shape[0], shape[1], shape[2]) : (shape[0], 1, 1);
        for (int i = 0; i < layers.Length; i++)
        {
            switch (layers[i])
            {
                case Conv2d conv:
                    built.Add(new Conv2dLayer(
                        conv.Name, channels, height, width, conv.Filters, conv.KernelSize, conv.Stride,
                        IsRectified(layers, i), built.Count == 0 ? converter : null, kernels, team));
                    channels = conv.Filters;
                    height = (height - conv.KernelSize) / conv.Stride + 1;
                    width = (width - conv.KernelSize) / conv.Stride + 1;
                    break;
                case Linear linear:
                    if (built.Count == 0)
                        (channels, height, width) = (checked(channels * height * width), 1, 1);
                    built.Add(new LinearLayer(
                        linear.Name, channels, height, width, linear.Features, IsRectified(layers, i), kernels, team));
                    (channels, height, width) = (linear.Features, 1, 1);
                    break;
            }
        }

        return new LayerChain(built);
    }

    private static bool IsRectified(ImmutableArray<Layer> layers, int index)
    {
        int next = index + 1;
        while (next < layers.Length && layers[next] is Flatten)
            next++;
        return next < layers.Length && layers[next] is Relu;
    }
}
