using Dqn.Serialization;
using Torch = TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>A module's parameters and buffers to and from the core's <see cref="StateDict"/>.</summary>
internal static class TorchStateDict
{
    /// <summary>A copy by name: of the parameters, or of what else is laid out alike, and of the buffers.</summary>
    public static StateDict Get(TorchParameters parameters, Torch.Tensor flat)
    {
        float[] values = TorchParameters.Read(flat);
        StateDict result = new();
        foreach (TorchParameters.Entry entry in parameters.Entries)
        {
            result.Add(
                entry.Name, Tensor.FromSingles(values.AsSpan((int)entry.Start, (int)entry.Count), entry.Shape));
        }

        foreach ((string name, Torch.Tensor buffer) in parameters.Buffers)
        {
            using Torch.Tensor host = buffer.cpu();
            using Torch.Tensor contiguous = host.contiguous();
            result.Add(name, new Tensor(TypeOf(name, buffer.dtype), [.. buffer.shape], contiguous.bytes.ToArray()));
        }

        return result;
    }

    /// <summary>Sets everything, or nothing where something is missing, unknown or of another shape.</summary>
    public static void Load(TorchParameters parameters, StateDict stateDict)
    {
        string[] names = [.. parameters.Entries.Select(e => e.Name), .. parameters.Buffers.Select(b => b.Name)];
        foreach (string name in stateDict.Names)
        {
            if (!names.Contains(name))
            {
                throw new ArgumentException(
                    $"Unknown tensor '{name}'; expected {string.Join(", ", names)}.", nameof(stateDict));
            }
        }

        var values = new float[parameters.Values.numel()];
        foreach (TorchParameters.Entry entry in parameters.Entries)
        {
            Tensor tensor = Find(stateDict, entry.Name, entry.Shape);
            if (tensor.Type is not (TensorType.Float64 or TensorType.Float32 or TensorType.Float16
                or TensorType.BFloat16))
            {
                throw new ArgumentException(
                    $"Tensor '{entry.Name}': expected floating point numbers, got {tensor.Type}.", nameof(stateDict));
            }

            Span<float> numbers = values.AsSpan((int)entry.Start, (int)entry.Count);
            tensor.CopyTo(numbers);
            if (FiniteTensors.Complaint(entry.Name, tensor, numbers) is { } complaint)
                throw new ArgumentException(complaint, nameof(stateDict));
        }

        foreach ((string name, Torch.Tensor buffer) in parameters.Buffers)
        {
            Tensor tensor = Find(stateDict, name, buffer.shape);
            if (tensor.Type != TypeOf(name, buffer.dtype))
            {
                throw new ArgumentException(
                    $"Tensor '{name}': expected {buffer.dtype}, got {tensor.Type}.", nameof(stateDict));
            }
        }

        TorchParameters.Write(parameters.Values, values);
        foreach ((string name, Torch.Tensor buffer) in parameters.Buffers)
            TorchNetworkState.WriteBuffer(buffer, stateDict[name].Data);
    }

    private static Tensor Find(StateDict stateDict, string name, ReadOnlySpan<long> shape)
    {
        string expected = TorchShapes.Format(shape.ToArray());
        if (!stateDict.TryGet(name, out Tensor? tensor))
            throw new ArgumentException($"Missing tensor '{name}', expected {expected}.", nameof(stateDict));
        if (!tensor.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new ArgumentException(
                $"Tensor '{name}': expected the shape {expected}, got {Tensor.Format(tensor.Shape)}.",
                nameof(stateDict));
        }

        return tensor;
    }

    private static TensorType TypeOf(string name, Torch.ScalarType type) => type switch
    {
        Torch.ScalarType.Float64 => TensorType.Float64,
        Torch.ScalarType.Float32 => TensorType.Float32,
        Torch.ScalarType.Float16 => TensorType.Float16,
        Torch.ScalarType.BFloat16 => TensorType.BFloat16,
        Torch.ScalarType.Int64 => TensorType.Int64,
        Torch.ScalarType.Int32 => TensorType.Int32,
        Torch.ScalarType.Int16 => TensorType.Int16,
        Torch.ScalarType.Int8 => TensorType.Int8,
        Torch.ScalarType.Byte => TensorType.UInt8,
        Torch.ScalarType.Bool => TensorType.Bool,
        _ => throw new NotSupportedException($"Buffer '{name}': a state dict cannot hold {type}."),
    };
}
