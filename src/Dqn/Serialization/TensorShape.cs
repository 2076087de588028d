using System.Collections.Immutable;

namespace Dqn.Serialization;

/// <summary>Arithmetic on shapes that come from files, so every product is checked.</summary>
internal static class TensorShape
{
    /// <summary>More axes than any framework makes: a longer shape in a file is damage.</summary>
    public const int MaxAxes = 64;

    /// <summary>The number of elements of a shape; false if an axis is negative or it exceeds 63 bits.</summary>
    public static bool TryCount(ReadOnlySpan<long> shape, out long count)
    {
        count = 0;
        UInt128 product = 1;
        bool empty = false;
        foreach (long axis in shape)
        {
            if (axis < 0)
                return false;
            empty |= axis == 0;
            // Saturate rather than stop, because a later axis of 0 makes the product 0 again.
            product = UInt128.Min(product * (ulong)Math.Max(axis, 1), (UInt128)long.MaxValue + 1);
        }

        if (!empty && product > long.MaxValue)
            return false;
        count = empty ? 0 : (long)product;
        return true;
    }

    /// <summary>The strides, in elements, of a row-major array without gaps.</summary>
    public static long[] RowMajorStrides(ImmutableArray<long> shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(shape[axis], 1);
        }

        return strides;
    }
}
