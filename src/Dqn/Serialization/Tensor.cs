using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Dqn.Serialization;

/// <summary>A stored array: element type, shape, and the elements little-endian in row-major order.</summary>
public sealed class Tensor
{
    /// <summary>Wraps <paramref name="data"/>, which is not copied.</summary>
    /// <param name="type">What the elements are.</param>
    /// <param name="shape">The axes, outermost first, none negative; empty for a single number.</param>
    /// <param name="data">The elements, little-endian, row-major.</param>
    /// <exception cref="ArgumentException">A negative axis, or data that is too long or too short.</exception>
    public Tensor(TensorType type, ImmutableArray<long> shape, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (shape.IsDefault)
            throw new ArgumentException("Expected a shape, got an uninitialised array.", nameof(shape));
        if (!TensorShape.TryCount(shape.AsSpan(), out long count))
        {
            throw new ArgumentException(
                $"Expected no negative axis and fewer than 2^63 elements, got shape {Format(shape)}.", nameof(shape));
        }

        if ((Int128)count * SizeOf(type) != data.LongLength)
        {
            throw new ArgumentException(
                $"Expected {(Int128)count * SizeOf(type)} bytes for {type} {Format(shape)}, got {data.LongLength}.",
                nameof(data));
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
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The axes, outermost first; none for a single number.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static Tensor FromSingles(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        byte[] data = MemoryMarshal.AsBytes(values).ToArray();
        if (!BitConverter.IsLittleEndian)
            ReverseElements(data, sizeof(float));
        return new Tensor(TensorType.Float32, [.. shape], data);
    }

    /// <summary>
    /// The elements as <see cref="float"/>s, whatever their type: rounded to nearest; a bool is 0 or 1.
    /// </summary>
    public float[] ToSingles()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>
    /// The elements as <see cref="double"/>s, whatever their type: exact but for integers beyond 2^53, which are
    /// rounded to nearest; a bool is 0 or 1.
    /// </summary>
    public double[] ToDoubles()
    {
        var values = new double[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>Writes the elements as <see cref="float"/>s, as <see cref="ToSingles"/> does.</summary>
    /// <param name="destination">As long as <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void CopyTo(Span<float> destination)
    {
        CheckLength(destination.Length);
        if (Type == TensorType.Float32 && BitConverter.IsLittleEndian)
            Data.CopyTo(MemoryMarshal.AsBytes(destination));
        else
            Convert(destination);
    }

    /// <summary>Writes the elements as <see cref="double"/>s, as <see cref="ToDoubles"/> does.</summary>
    /// <param name="destination">As long as <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void CopyTo(Span<double> destination)
    {
        CheckLength(destination.Length);
        Convert(destination);
    }

    /// <summary>The shape as text: [32, 4, 8, 8].</summary>
    public static string Format(ImmutableArray<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>Type and shape as text: Float32 [32, 4, 8, 8].</summary>
    public override string ToString() => $"{Type} {Format(Shape)}";

    /// <summary>Changes the byte order of every element of <paramref name="size"/> bytes.</summary>
    internal static void ReverseElements(Span<byte> data, int size)
    {
        if (size == 1)
            return;
        for (int start = 0; start < data.Length; start += size)
            data.Slice(start, size).Reverse();
    }

    private void CheckLength(int length)
    {
        if (length != Count)
            throw new ArgumentException($"Expected room for {Count} elements of {this}, got {length}.", "destination");
    }

    private void Convert<T>(Span<T> destination)
        where T : IBinaryFloatingPointIeee754<T>
    {
        ReadOnlySpan<byte> data = Data;
        int size = SizeOf(Type);
        for (int i = 0; i < destination.Length; i++)
        {
            ReadOnlySpan<byte> element = data.Slice(i * size, size);
            destination[i] = Type switch
            {
                TensorType.Float32 => T.CreateTruncating(BinaryPrimitives.ReadSingleLittleEndian(element)),
                TensorType.Float64 => T.CreateTruncating(BinaryPrimitives.ReadDoubleLittleEndian(element)),
                TensorType.Float16 => T.CreateTruncating(BinaryPrimitives.ReadHalfLittleEndian(element)),
                // A bfloat16 is a float32 whose lower 16 bits are zero.
                TensorType.BFloat16 => T.CreateTruncating(BitConverter.UInt32BitsToSingle(
                    (uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16)),
                TensorType.Int64 => T.CreateTruncating(BinaryPrimitives.ReadInt64LittleEndian(element)),
                TensorType.Int32 => T.CreateTruncating(BinaryPrimitives.ReadInt32LittleEndian(element)),
                TensorType.Int16 => T.CreateTruncating(BinaryPrimitives.ReadInt16LittleEndian(element)),
                TensorType.Int8 => T.CreateTruncating((sbyte)element[0]),
                TensorType.UInt8 => T.CreateTruncating(element[0]),
                _ => element[0] == 0 ? T.Zero : T.One,
            };
        }
    }
}
