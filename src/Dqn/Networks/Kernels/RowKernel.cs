using System.Runtime.CompilerServices;

namespace Dqn.Networks;

/// <summary>
/// C = A · B for some tiles, all sums of one in registers: per step, one row of B and a broadcast from each row of A.
/// </summary>
internal static unsafe class RowKernel<TSimd, TVector, TShape>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
{
    // Of each row's next stretch; the processor finds the rest by itself.
    private const int PrefetchFloats = 32;

    // The shape's constants fold, so each shape compiles to straight code with only its own accumulators: at most
    // 8 × 2 of them beside 2 operands and a broadcast, which fits 32 registers; 4 × 2 fits 16.
    // Tile follows tile in here: returning to the caller between them would cost 80 cycles of 500 to 4,000.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in RowTile tile, nint* rowsA, float* c, nint* rowsC, int tiles)
    {
        nint run = tile.Run, aheadStride = tile.AheadStride;
        float* ahead = tile.Ahead == null ? tile.B : tile.Ahead;
        for (; tiles > 0; tiles--, rowsA += TShape.Rows, rowsC += TShape.Rows)
        {
            float* b = tile.B;
            nint* rows = rowsA;
            float* a0 = tile.A + rows[0];
            float* a1 = TShape.Rows > 1 ? tile.A + rows[1] : a0;
            float* a2 = TShape.Rows > 2 ? tile.A + rows[2] : a0;
            float* a3 = TShape.Rows > 3 ? tile.A + rows[3] : a0;
            float* a4 = TShape.Rows > 4 ? tile.A + rows[4] : a0;
            float* a5 = TShape.Rows > 5 ? tile.A + rows[5] : a0;
            float* a6 = TShape.Rows > 6 ? tile.A + rows[6] : a0;
            float* a7 = TShape.Rows > 7 ? tile.A + rows[7] : a0;
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
                rows = rowsC;
                c00 = TSimd.Load(c + rows[0]);
                if (TShape.Vectors == 2)
                    c01 = TSimd.Load(c + rows[0] + TSimd.Lanes);
                if (TShape.Rows > 1)
                {
                    c10 = TSimd.Load(c + rows[1]);
                    if (TShape.Vectors == 2)
                        c11 = TSimd.Load(c + rows[1] + TSimd.Lanes);
                }
                if (TShape.Rows > 2)
                {
                    c20 = TSimd.Load(c + rows[2]);
                    if (TShape.Vectors == 2)
                        c21 = TSimd.Load(c + rows[2] + TSimd.Lanes);
                }
                if (TShape.Rows > 3)
                {
                    c30 = TSimd.Load(c + rows[3]);
                    if (TShape.Vectors == 2)
                        c31 = TSimd.Load(c + rows[3] + TSimd.Lanes);
                }
                if (TShape.Rows > 4)
                {
                    c40 = TSimd.Load(c + rows[4]);
                    if (TShape.Vectors == 2)
                        c41 = TSimd.Load(c + rows[4] + TSimd.Lanes);
                }
                if (TShape.Rows > 5)
                {
                    c50 = TSimd.Load(c + rows[5]);
                    if (TShape.Vectors == 2)
                        c51 = TSimd.Load(c + rows[5] + TSimd.Lanes);
                }
                if (TShape.Rows > 6)
                {
                    c60 = TSimd.Load(c + rows[6]);
                    if (TShape.Vectors == 2)
                        c61 = TSimd.Load(c + rows[6] + TSimd.Lanes);
                }
                if (TShape.Rows > 7)
                {
                    c70 = TSimd.Load(c + rows[7]);
                    if (TShape.Vectors == 2)
                        c71 = TSimd.Load(c + rows[7] + TSimd.Lanes);
                }
            }

            for (int segment = tile.Segments; segment > 0; segment--)
            {
                // The rows' next stretches lie elsewhere; asked for now, they arrive while this one is multiplied.
                nint stride = tile.SegmentStride;
                if (segment > 1)
                {
                    Prefetching.Range(a0 + stride, PrefetchFloats);
                    if (TShape.Rows > 1)
                        Prefetching.Range(a1 + stride, PrefetchFloats);
                    if (TShape.Rows > 2)
                        Prefetching.Range(a2 + stride, PrefetchFloats);
                    if (TShape.Rows > 3)
                        Prefetching.Range(a3 + stride, PrefetchFloats);
                    if (TShape.Rows > 4)
                        Prefetching.Range(a4 + stride, PrefetchFloats);
                    if (TShape.Rows > 5)
                        Prefetching.Range(a5 + stride, PrefetchFloats);
                    if (TShape.Rows > 6)
                        Prefetching.Range(a6 + stride, PrefetchFloats);
                    if (TShape.Rows > 7)
                        Prefetching.Range(a7 + stride, PrefetchFloats);
                }

                for (nint j = 0; j < run; j++)
                {
                    Prefetching.Later(ahead);
                    ahead += aheadStride;
                    TVector b0 = TSimd.Load(b), b1 = TShape.Vectors == 2 ? TSimd.Load(b + TSimd.Lanes) : default;
                    b += TShape.Vectors * TSimd.Lanes;
                    TVector x = TSimd.Broadcast(a0[j]);
                    c00 = TSimd.MultiplyAdd(x, b0, c00);
                    if (TShape.Vectors == 2)
                        c01 = TSimd.MultiplyAdd(x, b1, c01);
                    if (TShape.Rows > 1)
                    {
                        x = TSimd.Broadcast(a1[j]);
                        c10 = TSimd.MultiplyAdd(x, b0, c10);
                        if (TShape.Vectors == 2)
                            c11 = TSimd.MultiplyAdd(x, b1, c11);
                    }
                    if (TShape.Rows > 2)
                    {
                        x = TSimd.Broadcast(a2[j]);
                        c20 = TSimd.MultiplyAdd(x, b0, c20);
                        if (TShape.Vectors == 2)
                            c21 = TSimd.MultiplyAdd(x, b1, c21);
                    }
                    if (TShape.Rows > 3)
                    {
                        x = TSimd.Broadcast(a3[j]);
                        c30 = TSimd.MultiplyAdd(x, b0, c30);
                        if (TShape.Vectors == 2)
                            c31 = TSimd.MultiplyAdd(x, b1, c31);
                    }
                    if (TShape.Rows > 4)
                    {
                        x = TSimd.Broadcast(a4[j]);
                        c40 = TSimd.MultiplyAdd(x, b0, c40);
                        if (TShape.Vectors == 2)
                            c41 = TSimd.MultiplyAdd(x, b1, c41);
                    }
                    if (TShape.Rows > 5)
                    {
                        x = TSimd.Broadcast(a5[j]);
                        c50 = TSimd.MultiplyAdd(x, b0, c50);
                        if (TShape.Vectors == 2)
                            c51 = TSimd.MultiplyAdd(x, b1, c51);
                    }
                    if (TShape.Rows > 6)
                    {
                        x = TSimd.Broadcast(a6[j]);
                        c60 = TSimd.MultiplyAdd(x, b0, c60);
                        if (TShape.Vectors == 2)
                            c61 = TSimd.MultiplyAdd(x, b1, c61);
                    }
                    if (TShape.Rows > 7)
                    {
                        x = TSimd.Broadcast(a7[j]);
                        c70 = TSimd.MultiplyAdd(x, b0, c70);
                        if (TShape.Vectors == 2)
                            c71 = TSimd.MultiplyAdd(x, b1, c71);
                    }
                }

                a0 += stride;
                if (TShape.Rows > 1)
                    a1 += stride;
                if (TShape.Rows > 2)
                    a2 += stride;
                if (TShape.Rows > 3)
                    a3 += stride;
                if (TShape.Rows > 4)
                    a4 += stride;
                if (TShape.Rows > 5)
                    a5 += stride;
                if (TShape.Rows > 6)
                    a6 += stride;
                if (TShape.Rows > 7)
                    a7 += stride;
            }

            if (tile.Bias != null)
            {
                TVector b0 = TSimd.Load(tile.Bias),
                    b1 = TShape.Vectors == 2 ? TSimd.Load(tile.Bias + TSimd.Lanes) : default;
                c00 = TSimd.Add(c00, b0);
                if (TShape.Vectors == 2)
                    c01 = TSimd.Add(c01, b1);
                if (TShape.Rows > 1)
                {
                    c10 = TSimd.Add(c10, b0);
                    if (TShape.Vectors == 2)
                        c11 = TSimd.Add(c11, b1);
                }
                if (TShape.Rows > 2)
                {
                    c20 = TSimd.Add(c20, b0);
                    if (TShape.Vectors == 2)
                        c21 = TSimd.Add(c21, b1);
                }
                if (TShape.Rows > 3)
                {
                    c30 = TSimd.Add(c30, b0);
                    if (TShape.Vectors == 2)
                        c31 = TSimd.Add(c31, b1);
                }
                if (TShape.Rows > 4)
                {
                    c40 = TSimd.Add(c40, b0);
                    if (TShape.Vectors == 2)
                        c41 = TSimd.Add(c41, b1);
                }
                if (TShape.Rows > 5)
                {
                    c50 = TSimd.Add(c50, b0);
                    if (TShape.Vectors == 2)
                        c51 = TSimd.Add(c51, b1);
                }
                if (TShape.Rows > 6)
                {
                    c60 = TSimd.Add(c60, b0);
                    if (TShape.Vectors == 2)
                        c61 = TSimd.Add(c61, b1);
                }
                if (TShape.Rows > 7)
                {
                    c70 = TSimd.Add(c70, b0);
                    if (TShape.Vectors == 2)
                        c71 = TSimd.Add(c71, b1);
                }
            }

            if (tile.Rectify)
            {
                c00 = TSimd.Rectify(c00);
                if (TShape.Vectors == 2)
                    c01 = TSimd.Rectify(c01);
                if (TShape.Rows > 1)
                {
                    c10 = TSimd.Rectify(c10);
                    if (TShape.Vectors == 2)
                        c11 = TSimd.Rectify(c11);
                }
                if (TShape.Rows > 2)
                {
                    c20 = TSimd.Rectify(c20);
                    if (TShape.Vectors == 2)
                        c21 = TSimd.Rectify(c21);
                }
                if (TShape.Rows > 3)
                {
                    c30 = TSimd.Rectify(c30);
                    if (TShape.Vectors == 2)
                        c31 = TSimd.Rectify(c31);
                }
                if (TShape.Rows > 4)
                {
                    c40 = TSimd.Rectify(c40);
                    if (TShape.Vectors == 2)
                        c41 = TSimd.Rectify(c41);
                }
                if (TShape.Rows > 5)
                {
                    c50 = TSimd.Rectify(c50);
                    if (TShape.Vectors == 2)
                        c51 = TSimd.Rectify(c51);
                }
                if (TShape.Rows > 6)
                {
                    c60 = TSimd.Rectify(c60);
                    if (TShape.Vectors == 2)
                        c61 = TSimd.Rectify(c61);
                }
                if (TShape.Rows > 7)
                {
                    c70 = TSimd.Rectify(c70);
                    if (TShape.Vectors == 2)
                        c71 = TSimd.Rectify(c71);
                }
            }

            rows = rowsC;
            TSimd.Store(c + rows[0], c00);
            if (TShape.Vectors == 2)
                TSimd.Store(c + rows[0] + TSimd.Lanes, c01);
            if (TShape.Rows > 1)
            {
                TSimd.Store(c + rows[1], c10);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + rows[1] + TSimd.Lanes, c11);
            }
            if (TShape.Rows > 2)
            {
                TSimd.Store(c + rows[2], c20);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + rows[2] + TSimd.Lanes, c21);
            }
            if (TShape.Rows > 3)
            {
                TSimd.Store(c + rows[3], c30);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + rows[3] + TSimd.Lanes, c31);
            }
            if (TShape.Rows > 4)
            {
                TSimd.Store(c + rows[4], c40);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + rows[4] + TSimd.Lanes, c41);
            }
            if (TShape.Rows > 5)
            {
                TSimd.Store(c + rows[5], c50);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + rows[5] + TSimd.Lanes, c51);
            }
            if (TShape.Rows > 6)
            {
                TSimd.Store(c + rows[6], c60);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + rows[6] + TSimd.Lanes, c61);
            }
            if (TShape.Rows > 7)
            {
                TSimd.Store(c + rows[7], c70);
                if (TShape.Vectors == 2)
                    TSimd.Store(c + rows[7] + TSimd.Lanes, c71);
            }
        }
    }
}
