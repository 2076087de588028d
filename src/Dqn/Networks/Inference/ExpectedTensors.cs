using System.Collections.Immutable;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>
/// Whether tensors are those of an architecture, by names and shapes: before a network is built of what may be much larger
/// than they are.
/// </summary>
internal static class ExpectedTensors
{
    /// <summary>The first thing that differs, as a sentence; null if nothing does.</summary>
    public static string? Misfit(Sequential architecture, StateDict tensors)
    {
        LayerShapes shapes = new();
        shapes.Follow(architecture.Layers, architecture.ObservationShape, "Layer");
        foreach ((string name, ImmutableArray<int> shape) in shapes.Parameters)
        {
            if (!tensors.TryGet(name, out Tensor? tensor))
                return $"Expected a tensor {FileText.Quote(name)}, got {FileText.List(tensors.Names)}.";
            if (!tensor.Shape.SequenceEqual(shape.Select(axis => (long)axis)))
            {
                return $"Tensor {FileText.Quote(name)}: expected the shape {Sequential.Format(shape)}, got " +
                    $"{FileText.Shape(tensor.Shape.AsSpan())}.";
            }
        }

        if (tensors.Count == shapes.Parameters.Count)
            return null;
        HashSet<string> known = [.. shapes.Parameters.Select(parameter => parameter.Name)];
        return $"Unknown tensor {FileText.Quote(tensors.Names.First(name => !known.Contains(name)))}; expected " +
            $"{FileText.List(known)}.";
    }
}
