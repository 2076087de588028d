using System.Collections.Immutable;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>
/// Whether tensors are those of an architecture, by names and shapes: before a network is built of what may be much larger
/// than they are.
/// </summary>
internal sealed class ExpectedTensors
{
    private readonly IReadOnlyList<(string Name, ImmutableArray<int> Shape)> _parameters;

    public ExpectedTensors(Sequential architecture)
    {
        Architecture = architecture;
        LayerShapes shapes = new();
        shapes.Follow(architecture.Layers, architecture.ObservationShape, "Layer");
        _parameters = shapes.Parameters;
    }

    public Sequential Architecture { get; }

    /// <summary>Whether there are exactly the parameters' names and shapes.</summary>
    public bool Fit(StateDict tensors)
    {
        if (tensors.Count != _parameters.Count)
            return false;
        foreach ((string name, ImmutableArray<int> shape) in _parameters)
        {
            if (!tensors.TryGet(name, out Tensor? tensor) || !IsShape(tensor, shape))
                return false;
        }

        return true;
    }

    /// <summary>The first thing that does not fit, as a sentence; null if everything does.</summary>
    public string? Misfit(StateDict tensors)
    {
        foreach ((string name, ImmutableArray<int> shape) in _parameters)
        {
            if (!tensors.TryGet(name, out Tensor? tensor))
                return $"Expected a tensor {FileText.Quote(name)}, got {FileText.List(tensors.Names)}.";
            if (!IsShape(tensor, shape))
            {
                return $"Tensor {FileText.Quote(name)}: expected the shape {Sequential.Format(shape)}, got " +
                    $"{FileText.Shape(tensor.Shape.AsSpan())}.";
            }
        }

        if (tensors.Count == _parameters.Count)
            return null;
        HashSet<string> known = [.. _parameters.Select(parameter => parameter.Name)];
        return $"Unknown tensor {FileText.Quote(tensors.Names.First(name => !known.Contains(name)))}; expected " +
            $"{FileText.List(known)}.";
    }

    private static bool IsShape(Tensor tensor, ImmutableArray<int> shape)
    {
        if (tensor.Shape.Length != shape.Length)
            return false;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (tensor.Shape[axis] != shape[axis])
                return false;
        }

        return true;
    }
}
