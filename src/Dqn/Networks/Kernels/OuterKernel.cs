using System.Runtime.CompilerServices;

namespace Dqn.Networks;

/// <summary>
/// C = Aᵀ · B for one tile, all sums in registers: per step, one row of B and broadcasts from one row of A.
/// </summary>
internal static unsafe class OuterKernel<TSimd, TVector, TShape>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
{
    // Registers as in RowKernel; here A's operands lie side by side, so one pointer does.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref OuterTile tile)
    {
        TVector c00 = default, c01 = default;
        TVector c10 = default, c11 = default;
        TVector c20 = default, c21 = default;
        TVector c30 = default, c31 = default;
        TVector c40 = default, c41 = default;
        TVector c50 = default, c51 = default;
        TVector c60 = default, c61 = default;
        TVector c70 = default, c71 = default;
        if (tile.Continue)
        {
            float* c = tile.C;
            nint strideC = tile.StrideC;
            c00 = TSimd.Load(c);
            if (TShape.Vectors == 2)
                c01 = TSimd.Load(c + TSimd.Lanes);
            if (TShape.Rows > 1)
            {
                c10 = TSimd.Load(c + 1 * strideC);
                if (TShape.Vectors == 2)
                    c11 = TSimd.Load(c + 1 * strideC + TSimd.Lanes);
            }
            if (TShape.Rows > 2)
            {
                c20 = TSimd.Load(c + 2 * strideC);
                if (TShape.Vectors == 2)
                    c21 = TSimd.Load(c + 2 * strideC + TSimd.Lanes);
            }
            if (TShape.Rows > 3)
            {
                c30 = TSimd.Load(c + 3 * strideC);
                if (TShape.Vectors == 2)
                    c31 = TSimd.Load(c + 3 * strideC + TSimd.Lanes);
            }
            if (TShape.Rows > 4)
            {
                c40 = TSimd.Load(c + 4 * strideC);
                if (TShape.Vectors == 2)
                    c41 = TSimd.Load(c + 4 * strideC + TSimd.Lanes);
            }
            if (TShape.Rows > 5)
            {
                c50 = TSimd.Load(c + 5 * strideC);
                if (TShape.Vectors == 2)
                    c51 = TSimd.Load(c + 5 * strideC + TSimd.Lanes);
            }
            if (TShape.Rows > 6)
            {
                c60 = TSimd.Load(c + 6 * strideC);
                if (TShape.Vectors == 2)
                    c61 = TSimd.Load(c + 6 * strideC + TSimd.Lanes);
            }
            if (TShape.Rows > 7)
            {
                c70 = TSimd.Load(c + 7 * strideC);
                if (TShape.Vectors == 2)
                    c71 = TSimd.Load(c + 7 * strideC + TSimd.Lanes);
            }
        }

        float* group = tile.A;
        float* b = tile.B;
        nint strideA = tile.StrideA, strideB = tile.StrideB;
        for (int g = tile.Groups; g > 0; g--)
        {
            float* a = group;
            for (int i = tile.Count; i > 0; i--)
            {
                TVector b0 = TSimd.Load(b), b1 = TShape.Vectors == 2 ? TSimd.Load(b + TSimd.Lanes) : default;
                b += strideB;
                TVector x = TSimd.Broadcast(a[0]);
                c00 = TSimd.MultiplyAdd(x, b0, c00);
                if (TShape.Vectors == 2)
                    c01 = TSimd.MultiplyAdd(x, b1, c01);
                if (TShape.Rows > 1)
                {
                    x = TSimd.Broadcast(a[1]);
                    c10 = TSimd.MultiplyAdd(x, b0, c10);
                    if (TShape.Vectors == 2)
                        c11 = TSimd.MultiplyAdd(x, b1, c11);
                }
                if (TShape.Rows > 2)
                {
                    x = TSimd.Broadcast(a[2]);
                    c20 = TSimd.MultiplyAdd(x, b0, c20);
                    if (TShape.Vectors == 2)
                        c21 = TSimd.MultiplyAdd(x, b1, c21);
                }
                if (TShape.Rows > 3)
                {
                    x = TSimd.Broadcast(a[3]);
                    c30 = TSimd.MultiplyAdd(x, b0, c30);
                    if (TShape.Vectors == 2)
                        c31 = TSimd.MultiplyAdd(x, b1, c31);
                }
                if (TShape.Rows > 4)
                {
                    x = TSimd.Broadcast(a[4]);
                    c40 = TSimd.MultiplyAdd(x, b0, c40);
                    if (TShape.Vectors == 2)
                        c41 = TSimd.MultiplyAdd(x, b1, c41);
                }
                if (TShape.Rows > 5)
                {
                    x = TSimd.Broadcast(a[5]);
                    c50 = TSimd.MultiplyAdd(x, b0, c50);
                    if (TShape.Vectors == 2)
                        c51 = TSimd.MultiplyAdd(x, b1, c51);
                }
                if (TShape.Rows > 6)
                {
                    x = TSimd.Broadcast(a[6]);
                    c60 = TSimd.MultiplyAdd(x, b0, c60);
                    if (TShape.Vectors == 2)
                        c61 = TSimd.MultiplyAdd(x, b1, c61);
                }
                if (TShape.Rows > 7)
                {
                    x = TSimd.Broadcast(a[7]);
                    c70 = TSimd.MultiplyAdd(x, b0, c70);
                    if (TShape.Vectors == 2)
                        c71 = TSimd.MultiplyAdd(x, b1, c71);
                }
                a += strideA;
            }

            group += tile.GroupStrideA;
        }

        float* d = tile.C;
        nint stride = tile.StrideC;
        TSimd.Store(d, c00);
        if (TShape.Vectors == 2)
            TSimd.Store(d + TSimd.Lanes, c01);
        if (TShape.Rows > 1)
        {
            TSimd.Store(d + 1 * stride, c10);
            if (TShape.Vectors == 2)
                TSimd.Store(d + 1 * stride + TSimd.Lanes, c11);
        }
        if (TShape.Rows > 2)
        {
            TSimd.Store(d + 2 * stride, c20);
            if (TShape.Vectors == 2)
                TSimd.Store(d + 2 * stride + TSimd.Lanes, c21);
        }
        if (TShape.Rows > 3)
        {
            TSimd.Store(d + 3 * stride, c30);
            if (TShape.Vectors == 2)
                TSimd.Store(d + 3 * stride + TSimd.Lanes, c31);
        }
        if (TShape.Rows > 4)
        {
            TSimd.Store(d + 4 * stride, c40);
            if (TShape.Vectors == 2)
                TSimd.Store(d + 4 * stride + TSimd.Lanes, c41);
        }
        if (TShape.Rows > 5)
        {
            TSimd.Store(d + 5 * stride, c50);
            if (TShape.Vectors == 2)
                TSimd.Store(d + 5 * stride + TSimd.Lanes, c51);
        }
        if (TShape.Rows > 6)
        {
            TSimd.Store(d + 6 * stride, c60);
            if (TShape.Vectors == 2)
                TSimd.Store(d + 6 * stride + TSimd.Lanes, c61);
        }
        if (TShape.Rows > 7)
        {
            TSimd.Store(d + 7 * stride, c70);
            if (TShape.Vectors == 2)
                TSimd.Store(d + 7 * stride + TSimd.Lanes, c71);
        }
    }
}
