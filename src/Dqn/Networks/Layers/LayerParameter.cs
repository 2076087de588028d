using Dqn.Randomness;

namespace Dqn.Networks;

/// <summary>One of a layer's parameters: PyTorch's name and shape, how its numbers lie here, how they start.</summary>
/// <param name="Name">As in the state dict: "conv1.weight".</param>
/// <param name="Shape">PyTorch's.</param>
/// <param name="Packing">Where its numbers lie.</param>
internal sealed record LayerParameter(string Name, long[] Shape, IPacking Packing)
{
    /// <summary>At first it is uniform within ± this, or where this is 0 …</summary>
    public double Bound { get; init; }

    /// <summary>… this number everywhere, …</summary>
    public float Constant { get; init; }

    /// <summary>… unless this fills it.</summary>
    public Action<Pcg64, Span<float>>? Initialize { get; init; }

    /// <summary>
    /// Whether the layer's <see cref="ILayer.Backward"/> with an optimizer updates it, so that nobody else must.
    /// </summary>
    public bool UpdatedByLayer { get; init; }

    /// <summary>Whether the optimizer changes it: PyTorch has it among the parameters, not among the buffers.</summary>
    public bool IsLearnt { get; init; } = true;

    /// <summary>How many numbers it has.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (long axis in Shape)
                count = checked(count * axis);
            return count;
        }
    }
}
