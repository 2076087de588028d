using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Dqn.Networks;

/// <summary>Rows become columns, four by four in registers.</summary>
internal static unsafe class Transposition
{
    private const int Side = 4;

    /// <summary>destination[column, row] = source[row, column]; strides count floats.</summary>
    /// <param name="source">[rows, columns].</param>
    /// <param name="sourceStride">From one of its rows to the next.</param>
    /// <param name="rows">How many rows of the source.</param>
    /// <param name="columns">How many columns of it.</param>
    /// <param name="destination">[columns, rows].</param>
    /// <param name="stride">From one row of the destination to the next.</param>
    public static void Run(
        float* source, nint sourceStride, int rows, int columns, float* destination, nint stride)
    {
        int row = 0;
        for (; row <= rows - Side; row += Side)
        {
            float* from = source + row * sourceStride, to = destination + row;
            int column = 0;
            for (; column <= columns - Side; column += Side, from += Side, to += Side * stride)
                Square(from, sourceStride, to, stride);
            for (; column < columns; column++, from++, to += stride)
                for (int i = 0; i < Side; i++)
                    to[i] = from[i * sourceStride];
        }

        for (; row < rows; row++)
            for (int column = 0; column < columns; column++)
                destination[column * stride + row] = source[row * sourceStride + column];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(float* from, nint sourceStride, float* to, nint stride)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + sourceStride);
        Vector128<float> c = Vector128.Load(from + 2 * sourceStride), d = Vector128.Load(from + 3 * sourceStride);
        Vector128<double> ab = ZipLower(a, b).AsDouble(), cd = ZipLower(c, d).AsDouble();
        ZipLower(ab, cd).AsSingle().Store(to);
        ZipUpper(ab, cd).AsSingle().Store(to + stride);
        (ab, cd) = (ZipUpper(a, b).AsDouble(), ZipUpper(c, d).AsDouble());
        ZipLower(ab, cd).AsSingle().Store(to + 2 * stride);
        ZipUpper(ab, cd).AsSingle().Store(to + 3 * stride);
    }

    // Elements of both vectors' lower or upper halves in turn.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLower(Vector128<float> even, Vector128<float> odd) =>
        Sse.IsSupported ? Sse.UnpackLow(even, odd)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(even, odd)
        : Vector128.Create(even[0], odd[0], even[1], odd[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipUpper(Vector128<float> even, Vector128<float> odd) =>
        Sse.IsSupported ? Sse.UnpackHigh(even, odd)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(even, odd)
        : Vector128.Create(even[2], odd[2], even[3], odd[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipLower(Vector128<double> even, Vector128<double> odd) =>
        Sse2.IsSupported ? Sse2.UnpackLow(even, odd)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(even, odd)
        : Vector128.Create(even[0], odd[0]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipUpper(Vector128<double> even, Vector128<double> odd) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(even, odd)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(even, odd)
        : Vector128.Create(even[1], odd[1]);
}
