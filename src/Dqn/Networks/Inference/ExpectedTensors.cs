using System.Collections.Immutable;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>
/// Whether tensors are those of an architecture, by names and outputs: cheaply, before a network is built of what may be
/// much larger than they are.
/// </summary>
internal static class ExpectedTensors
{
    /// <summary>The first thing that differs, as a sentence; null if nothing does.</summary>
    public static string? Misfit(Sequential architecture, StateDict tensors) => Misfit(architecture.Layers, tensors);

    private static string? Misfit(ImmutableArray<Layer> layers, StateDict tensors)
    {
        foreach (Layer layer in layers)
        {
            if (layer is Dueling dueling)
            {
                if (Misfit(dueling.Value, tensors) is { } value)
                    return value;
                if (Misfit(dueling.Advantage, tensors) is { } advantage)
                    return advantage;
                continue;
            }

            (string? name, long outputs, long kernel) = layer switch
            {
                Conv2d conv => ($"{conv.Name}.weight", conv.Filters, conv.KernelSize),
                Linear linear => ($"{linear.Name}.weight", linear.Features, 0),
                NoisyLinear noisy => ($"{noisy.Name}.weight_mu", noisy.Features, 0),
                _ => (null, 0, 0),
            };
            if (name is null)
                continue;
            if (!tensors.TryGet(name, out Tensor? weight))
                return $"Expected a tensor {FileText.Quote(name)}, got {FileText.List(tensors.Names)}.";
            bool fits = weight.Shape is [var first, _, ..] && first == outputs;
            if (!fits || (kernel > 0 && weight.Shape[^1] != kernel))
            {
                return $"Tensor {FileText.Quote(name)}: expected {FileText.Plain(layer.ToString())}, got the shape " +
                    $"{FileText.Shape(weight.Shape.AsSpan())}.";
            }
        }

        return null;
    }
}
