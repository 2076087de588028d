using System.Runtime.InteropServices;

namespace Dqn.Serialization;

/// <summary>Copies a strided view of a storage into row-major order.</summary>
internal static class StridedView
{
    /// <summary>Whether a view of at least one element touches none outside its storage.</summary>
    public static bool Fits(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset, long storageCount)
    {
        Int128 last = offset;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (strides[axis] < 0)
                return false;
            // Each product is below 2^126 and there are few axes; stop before the sum can grow.
            last += (Int128)(shape[axis] - 1) * strides[axis];
            if (last >= storageCount)
                return false;
        }

        return offset >= 0 && last < storageCount;
    }

    /// <summary>Whether the view walks its elements in order and without gaps.</summary>
    public static bool IsRowMajor(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        long expected = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && strides[axis] != expected)
                return false;
            expected *= shape[axis];
        }

        return true;
    }

    /// <summary>Gathers the view's elements, each of <paramref name="size"/> bytes.</summary>
    public static void Copy(
        ReadOnlySpan<byte> storage, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset, int size,
        Span<byte> destination)
    {
        switch (size)
        {
            case 1:
                Gather(storage, shape, strides, offset, destination);
                break;
            case 2:
                Gather(MemoryMarshal.Cast<byte, ushort>(storage), shape, strides, offset,
                    MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case 4:
                Gather(MemoryMarshal.Cast<byte, uint>(storage), shape, strides, offset,
                    MemoryMarshal.Cast<byte, uint>(destination));
                break;
            default:
                Gather(MemoryMarshal.Cast<byte, ulong>(storage), shape, strides, offset,
                    MemoryMarshal.Cast<byte, ulong>(destination));
                break;
        }
    }

    private static void Gather<T>(
        ReadOnlySpan<T> storage, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset, Span<T> destination)
    {
        Span<long> index = stackalloc long[shape.Length];
        index.Clear();
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = storage[(int)offset];
            // Count up like an odometer: the last axis first, each full one back to 0.
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                offset += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                offset -= shape[axis] * strides[axis];
                index[axis] = 0;
            }
        }
    }
}
