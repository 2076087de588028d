using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Dqn.Serialization;

/// <summary>A stored array: element type, shape, and the elements little-endian in row-major order.</summary>
public sealed class Tensor
{
    /// <summary>Wraps <paramref name="data"/>, which is not copied.</summary>
    /// <param name="type">What the elements are.</param>
    /// <param name="shape">The axes, outermost first, none negative; empty for a single number.</param>
    /// <param name="data">The elements, little-endian, row-major.</param>
    /// <exception cref="ArgumentException">A negative axis, or the data's length does not fit type and shape.</exception>
    public Tensor(TensorType type, ImmutableArray<long> shape, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        long count = 1;
        foreach (long axis in shape)
        {
            if (axis < 0)
                throw new ArgumentException($"Expected no negative axis, got the shape {Format(shape)}.", nameof(shape));
            count = checked(count * axis);
        }

        if (data.LongLength != checked(count * SizeOf(type)))
        {
            throw new ArgumentException(
                $"Expected {count * SizeOf(type)} bytes for {type} {Format(shape)}, got {data.LongLength}.", nameof(data));
        }

        (Type, Shape, Data, Count) = (type, shape, data, count);
    }

    /// <summary>What the elements are.</summary>
    public TensorType Type { get; }

    /// <summary>The axes, outermost first; empty for a single number.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>How many elements there are.</summary>
    public long Count { get; }

    /// <summary>The elements, little-endian, row-major.</summary>
    public byte[] Data { get; }

    /// <summary>Bytes per element.</summary>
    public static int SizeOf(TensorType type) => type switch
    {
        TensorType.Float64 or TensorType.Int64 => 8,
        TensorType.Float32 or TensorType.Int32 => 4,
        TensorType.Float16 or TensorType.BFloat16 or TensorType.Int16 => 2,
        TensorType.Int8 or TensorType.UInt8 or TensorType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown tensor type."),
    };

    /// <summary>Makes a <see cref="TensorType.Float32"/> tensor from a copy of <paramref name="values"/>.</summary>
    public static Tensor FromSingles(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        new(TensorType.Float32, [.. shape], MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>The shape as text: [32, 4, 8, 8].</summary>
    public static string Format(ImmutableArray<long> shape) => $"[{string.Join(", ", shape)}]";
}
