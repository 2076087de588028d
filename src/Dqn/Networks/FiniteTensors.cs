using System.Runtime.InteropServices;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>Weights that are not finite make every value NaN, so they are refused where they come in.</summary>
internal static class FiniteTensors
{
    /// <summary>What is wrong with a tensor's numbers in single precision; null if all are finite.</summary>
    public static string? Complaint(string name, Tensor tensor)
    {
        if (tensor.Type is not (TensorType.Float32 or TensorType.Float64 or TensorType.Float16 or TensorType.BFloat16))
            return null;
        return tensor.Type == TensorType.Float32 && BitConverter.IsLittleEndian
            ? Complaint(name, tensor, MemoryMarshal.Cast<byte, float>(tensor.Data))
            : Complaint(name, tensor, tensor.ToSingles());
    }

    /// <summary>What is wrong with a tensor's numbers; null if all are finite.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="values">Its numbers as the network computes with them.</param>
    public static string? Complaint(string name, Tensor tensor, ReadOnlySpan<float> values)
    {
        int wrong = 0, first = -1;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i]))
                continue;
            if (wrong++ == 0)
                first = i;
        }

        if (wrong == 0)
            return null;
        string place = FileText.Shape(IndexOf(first, tensor.Shape.AsSpan()));
        return $"Tensor {FileText.Quote(name)}: expected finite numbers, got {values[first]} at {place} and " +
            $"{wrong} such of {values.Length}; a training that diverged leaves these.";
    }

    private static long[] IndexOf(long position, ReadOnlySpan<long> shape)
    {
        var index = new long[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
            (position, index[axis]) = Math.DivRem(position, shape[axis]);
        return index;
    }
}
