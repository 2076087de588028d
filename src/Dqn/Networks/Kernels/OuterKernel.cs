using System.Runtime.CompilerServices;

namespace Dqn.Networks;

/// <summary>
/// C = Aᵀ · B for some tiles, all sums of one in registers: per step, one row of B and broadcasts from one row of A.
/// </summary>
internal static unsafe class OuterKernel<TSimd, TVector, TShape>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
{
    // Registers as in RowKernel; here A's operands lie side by side, so one pointer does.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in OuterTile tile, float* a, float* c, nint strideC, int tiles)
    {
        for (; tiles > 0; tiles--, a += TShape.Rows, c += TShape.Rows * strideC)
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

            float* group = a;
            float* b = tile.B;
            nint strideA = tile.StrideA, strideB = tile.StrideB;
            for (int g = tile.Groups; g > 0; g--)
            {
                float* row = group;
                for (int i = tile.Count; i > 0; i--)
                {
                    TVector b0 = TSimd.Load(b), b1 = TShape.Vectors == 2 ? TSimd.Load(b + TSimd.Lanes) : default;
                    b += strideB;
                    TVector x = TSimd.Broadcast(row[0]);
                    c00 = TSimd.MultiplyAdd(x, b0, c00);
                    if (TShape.Vectors == 2)
                        c01 = TSimd.MultiplyAdd(x, b1, c01);
                    if (TShape.Rows > 1)
                    {
                        x = TSimd.Broadcast(row[1]);
                        c10 = TSimd.MultiplyAdd(x, b0, c10);
                        if (TShape.Vectors == 2)
                            c11 = TSimd.MultiplyAdd(x, b1, c11);
                    }
                    if (TShape.Rows > 2)
                    {
                        x = TSimd.Broadcast(row[2]);
                        c20 = TSimd.MultiplyAdd(x, b0, c20);
                        if (TShape.Vectors == 2)
                            c21 = TSimd.MultiplyAdd(x, b1, c21);
                    }
                    if (TShape.Rows > 3)
                    {
                        x = TSimd.Broadcast(row[3]);
                        c30 = TSimd.MultiplyAdd(x, b0, c30);
                        if (TShape.Vectors == 2)
                            c31 = TSimd.MultiplyAdd(x, b1, c31);
                    }
                    if (TShape.Rows > 4)
                    {
                        x = TSimd.Broadcast(row[4]);
                        c40 = TSimd.MultiplyAdd(x, b0, c40);
                        if (TShape.Vectors == 2)
                            c41 = TSimd.MultiplyAdd(x, b1, c41);
                    }
                    if (TShape.Rows > 5)
                    {
                        x = TSimd.Broadcast(row[5]);
                        c50 = TSimd.MultiplyAdd(x, b0, c50);
                        if (TShape.Vectors == 2)
                            c51 = TSimd.MultiplyAdd(x, b1, c51);
                    }
                    if (TShape.Rows > 6)
                    {
                        x = TSimd.Broadcast(row[6]);
                        c60 = TSimd.MultiplyAdd(x, b0, c60);
                        if (TShape.Vectors == 2)
                            c61 = TSimd.MultiplyAdd(x, b1, c61);
                    }
                    if (TShape.Rows > 7)
                    {
                        x = TSimd.Broadcast(row[7]);
                        c70 = TSimd.MultiplyAdd(x, b0, c70);
                        if (TShape.Vectors == 2)
                            c71 = TSimd.MultiplyAdd(x, b1, c71);
                    }
                    row += strideA;
                }

                group += tile.GroupStrideA;
            }

            TSimd.Store(c, c00);
            if (TShape.Vectors == 2)
                TSimd.Store(c + TSimd.Lanes, c01);
            if (TShape.Rows > 1)
            {
                TSimd.Store(c + 1 * strideC, c10);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + 1 * strideC + TSimd.Lanes, c11);
            }
            if (TShape.Rows > 2)
            {
                TSimd.Store(c + 2 * strideC, c20);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + 2 * strideC + TSimd.Lanes, c21);
            }
            if (TShape.Rows > 3)
            {
                TSimd.Store(c + 3 * strideC, c30);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + 3 * strideC + TSimd.Lanes, c31);
            }
            if (TShape.Rows > 4)
            {
                TSimd.Store(c + 4 * strideC, c40);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + 4 * strideC + TSimd.Lanes, c41);
            }
            if (TShape.Rows > 5)
            {
                TSimd.Store(c + 5 * strideC, c50);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + 5 * strideC + TSimd.Lanes, c51);
            }
            if (TShape.Rows > 6)
            {
                TSimd.Store(c + 6 * strideC, c60);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + 6 * strideC + TSimd.Lanes, c61);
            }
            if (TShape.Rows > 7)
            {
                TSimd.Store(c + 7 * strideC, c70);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + 7 * strideC + TSimd.Lanes, c71);
            }
        }
    }
}
