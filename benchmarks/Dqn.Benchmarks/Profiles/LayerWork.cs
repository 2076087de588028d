using Dqn.Networks;
using Dqn.Threading;

namespace Dqn.Benchmarks.Profiles;

/// <summary>The floating point operations that a network asks for, a multiply-add counted as two, the rest as nothing.</summary>
internal static class LayerWork
{
    /// <summary>
    /// One pass of one item through a layer, in whichever direction: two for each multiplication by a weight; a
    /// convolution's take part once per position.
    /// </summary>
    public static double PerItem(ILayer layer) => layer switch
    {
        ResidualLayer residual => residual.Layers.Layers.Sum(PerItem),
        _ when layer.Parameters.Count == 0 => 0,
        _ => 2.0 * layer.Parameters[0].Count / layer.Parameters[0].Shape[0] * layer.OutputLength,
    };

    /// <summary>
    /// One item's forward pass, and its whole fit: forward, the weights' gradients, and those of all inputs but the
    /// observations.
    /// </summary>
    public static (double Forward, double Fit) PerItem(Sequential architecture)
    {
        KernelSet kernels = KernelSet.For(InstructionSet.Best);
        using WorkerTeam team = new(1);
        IReadOnlyList<ILayer> layers =
            new LayerBuilder(kernels, team).Build(architecture, new ObservationConverter(architecture, kernels)).Layers;
        double forward = layers.Sum(PerItem);
        return (forward, 3 * forward - PerItem(layers[0]));
    }
}
