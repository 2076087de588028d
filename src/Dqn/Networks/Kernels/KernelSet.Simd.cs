using System.Runtime.CompilerServices;

namespace Dqn.Networks;

/// <summary>The kernels written once over <see cref="ISimd{TVector}"/>, compiled for one instruction set.</summary>
internal sealed unsafe class KernelSet<TSimd, TVector> : KernelSet
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // A tile that reaches past the last row or column is computed whole into a buffer on the stack; 8 rows of 2
    // vectors.
    private const int MaxTileRows = 8;
    private const int MaxTileFloats = MaxTileRows * 2 * 16;

    public override int Lanes => TSimd.Lanes;

    public override int TileRows => TSimd.TileRows;

    public override void Multiply(in RowTile tile)
    {
        int tiles = tile.ValidColumns == tile.Vectors * TSimd.Lanes ? tile.Rows / TSimd.TileRows : 0;
        if (tiles > 0)
            RunRows(tile, TSimd.TileRows, tile.RowsA, tile.C, tile.RowsC, tiles);
        for (int row = tiles * TSimd.TileRows; row < tile.Rows; row += TSimd.TileRows)
            MultiplyEdge(tile, row, Math.Min(TSimd.TileRows, tile.Rows - row));
    }

    public override void MultiplyTransposed(in OuterTile tile)
    {
        int tiles = tile.ValidColumns == tile.Vectors * TSimd.Lanes ? tile.Rows / TSimd.TileRows : 0;
        if (tiles > 0)
            RunOuter(tile, TSimd.TileRows, tile.A, tile.C, tile.StrideC, tiles);
        for (int row = tiles * TSimd.TileRows; row < tile.Rows; row += TSimd.TileRows)
            MultiplyTransposedEdge(tile, row, Math.Min(TSimd.TileRows, tile.Rows - row));
    }

    public override void ScaleBytes(byte* source, int count, float* destination)
    {
        // v / 255 costs many times v · (1 / 255), which is wrong in the last bit for some v. With what 1 / 255 has
        // beyond a float's bits added, it is right for all 256 where multiply-add rounds once, as a test shows.
        int i = 0;
        if (TSimd.RoundsOnce)
        {
            TVector inverse = TSimd.Broadcast(1 / 255f), rest = TSimd.Broadcast((float)(1 / 255.0 - 1 / 255f));
            for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
            {
                TVector value = TSimd.LoadBytes(source + i);
                TSimd.Store(destination + i, TSimd.MultiplyAdd(value, inverse, TSimd.Multiply(value, rest)));
            }
        }

        for (; i < count; i++)
            destination[i] = source[i] / 255f;
    }

    public override void SumRows(float* values, int rows, int columns, long stride, bool add, float* sums)
    {
        int column = 0;
        for (; column <= columns - TSimd.Lanes; column += TSimd.Lanes)
        {
            TVector sum = add ? TSimd.Load(sums + column) : default;
            float* value = values + column;
            for (int row = 0; row < rows; row++, value += stride)
                sum = TSimd.Add(sum, TSimd.Load(value));
            TSimd.Store(sums + column, sum);
        }

        for (; column < columns; column++)
        {
            float sum = add ? sums[column] : 0;
            for (int row = 0; row < rows; row++)
                sum += values[(nint)(row * stride) + column];
            sums[column] = sum;
        }
    }

    public override void Add(float* values, int count, float* sums)
    {
        int i = 0;
        for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
            TSimd.Store(sums + i, TSimd.Add(TSimd.Load(sums + i), TSimd.Load(values + i)));
        for (; i < count; i++)
            sums[i] += values[i];
    }

    public override void MoveTowards(float* goals, int count, float fraction, float* values)
    {
        TVector fractions = TSimd.Broadcast(fraction);
        int i = 0;
        for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector value = TSimd.Load(values + i);
            TSimd.Store(
                values + i, TSimd.MultiplyAdd(fractions, TSimd.Subtract(TSimd.Load(goals + i), value), value));
        }

        for (; i < count; i++)
            values[i] = MathF.FusedMultiplyAdd(fraction, goals[i] - values[i], values[i]);
    }

    public override void Rectify(float* values, int count, float* destination)
    {
        int i = 0;
        for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
            TSimd.Store(destination + i, TSimd.Rectify(TSimd.Load(values + i)));
        for (; i < count; i++)
            destination[i] = MathF.Max(values[i], 0);
    }

    public override void Mask(float* gates, int count, float* values)
    {
        int i = 0;
        for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
            TSimd.Store(values + i, TSimd.KeepWherePositive(TSimd.Load(values + i), TSimd.Load(gates + i)));
        for (; i < count; i++)
            if (!(gates[i] > 0))
                values[i] = 0;
    }

    public override void RmsProp(
        in RmsPropStep step, float* gradients, int count, float* squares, float* means, float* momenta,
        float* parameters)
    {
        TVector rate = TSimd.Broadcast(step.LearningRate), alpha = TSimd.Broadcast(step.Alpha);
        TVector rest = TSimd.Broadcast(step.OneMinusAlpha), epsilon = TSimd.Broadcast(step.Epsilon);
        TVector momentum = TSimd.Broadcast(step.Momentum), scale = TSimd.Broadcast(step.GradientScale);
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            Prefetching.Later(squares + i + count);
            Prefetching.Later(parameters + i + count);
            TVector gradient = TSimd.Multiply(TSimd.Load(gradients + i), scale);
            TVector square = TSimd.MultiplyAdd(
                TSimd.Multiply(rest, gradient), gradient, TSimd.Multiply(alpha, TSimd.Load(squares + i)));
            TSimd.Store(squares + i, square);
            if (means != null)
            {
                TVector mean = TSimd.MultiplyAdd(rest, gradient, TSimd.Multiply(alpha, TSimd.Load(means + i)));
                TSimd.Store(means + i, mean);
                square = TSimd.Rectify(TSimd.Subtract(square, TSimd.Multiply(mean, mean)));
            }

            TVector update = TSimd.Divide(gradient, TSimd.Add(TSimd.Sqrt(square), epsilon));
            if (momenta != null)
            {
                update = TSimd.MultiplyAdd(momentum, TSimd.Load(momenta + i), update);
                TSimd.Store(momenta + i, update);
            }

            TSimd.Store(parameters + i, TSimd.Subtract(TSimd.Load(parameters + i), TSimd.Multiply(rate, update)));
        }
    }

    public override void Adam(
        in AdamStep step, float* gradients, int count, float* means, float* squares, float* parameters)
    {
        TVector size = TSimd.Broadcast(step.StepSize), scale = TSimd.Broadcast(step.GradientScale);
        TVector beta1 = TSimd.Broadcast(step.Beta1), rest1 = TSimd.Broadcast(step.OneMinusBeta1);
        TVector beta2 = TSimd.Broadcast(step.Beta2), rest2 = TSimd.Broadcast(step.OneMinusBeta2);
        TVector inverseRoot = TSimd.Broadcast(step.InverseRoot), epsilon = TSimd.Broadcast(step.Epsilon);
        TVector kept = TSimd.Broadcast(step.Kept);
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            Prefetching.Later(means + i + count);
            Prefetching.Later(squares + i + count);
            Prefetching.Later(parameters + i + count);
            TVector gradient = TSimd.Multiply(TSimd.Load(gradients + i), scale);
            TVector mean = TSimd.MultiplyAdd(rest1, gradient, TSimd.Multiply(beta1, TSimd.Load(means + i)));
            TVector square = TSimd.MultiplyAdd(
                TSimd.Multiply(rest2, gradient), gradient, TSimd.Multiply(beta2, TSimd.Load(squares + i)));
            TSimd.Store(means + i, mean);
            TSimd.Store(squares + i, square);
            TVector denominator = TSimd.MultiplyAdd(TSimd.Sqrt(square), inverseRoot, epsilon);
            TVector update = TSimd.Divide(TSimd.Multiply(size, mean), denominator);
            TSimd.Store(parameters + i, TSimd.Subtract(TSimd.Multiply(kept, TSimd.Load(parameters + i)), update));
        }
    }

    /// <summary>A tile of fewer rows or columns, in a buffer.</summary>
    [SkipLocalsInit]
    private static void MultiplyEdge(in RowTile tile, int firstRow, int rows)
    {
        int width = tile.Vectors * TSimd.Lanes;
        float* buffer = stackalloc float[MaxTileFloats];
        nint* bufferRows = stackalloc nint[MaxTileRows];
        for (int row = 0; row < MaxTileRows; row++)
            bufferRows[row] = row * width;
        nint* rowsC = tile.RowsC + firstRow;
        if (tile.Continue)
        {
            new Span<float>(buffer, MaxTileFloats).Clear();
            for (int row = 0; row < rows; row++)
                Copy(tile.C + rowsC[row], tile.ValidColumns, buffer + row * width);
        }

        RunRows(tile, rows, tile.RowsA + firstRow, buffer, bufferRows, tiles: 1);
        for (int row = 0; row < rows; row++)
            Copy(buffer + row * width, tile.ValidColumns, tile.C + rowsC[row]);
    }

    /// <summary>A tile of fewer rows or columns, in a buffer.</summary>
    [SkipLocalsInit]
    private static void MultiplyTransposedEdge(in OuterTile tile, int firstRow, int rows)
    {
        int width = tile.Vectors * TSimd.Lanes;
        float* buffer = stackalloc float[MaxTileFloats];
        float* c = tile.C + firstRow * tile.StrideC;
        if (tile.Continue)
        {
            new Span<float>(buffer, MaxTileFloats).Clear();
            for (int row = 0; row < rows; row++)
                Copy(c + row * tile.StrideC, tile.ValidColumns, buffer + row * width);
        }

        RunOuter(tile, rows, tile.A + firstRow, buffer, width, tiles: 1);
        for (int row = 0; row < rows; row++)
            Copy(buffer + row * width, tile.ValidColumns, c + row * tile.StrideC);
    }

    private static void RunRows(in RowTile tile, int rows, nint* rowsA, float* c, nint* rowsC, int tiles)
    {
        if (tile.Vectors == 2)
        {
            if (rows == 1)
                RowKernel<TSimd, TVector, Tile1x2>.Run(tile, rowsA, c, rowsC, tiles);
            else if (rows <= 4)
                RowKernel<TSimd, TVector, Tile4x2>.Run(tile, rowsA, c, rowsC, tiles);
            else
                RowKernel<TSimd, TVector, Tile8x2>.Run(tile, rowsA, c, rowsC, tiles);
        }
        else
        {
            if (rows == 1)
                RowKernel<TSimd, TVector, Tile1x1>.Run(tile, rowsA, c, rowsC, tiles);
            else if (rows <= 4)
                RowKernel<TSimd, TVector, Tile4x1>.Run(tile, rowsA, c, rowsC, tiles);
            else
                RowKernel<TSimd, TVector, Tile8x1>.Run(tile, rowsA, c, rowsC, tiles);
        }
    }

    private static void RunOuter(in OuterTile tile, int rows, float* a, float* c, nint strideC, int tiles)
    {
        if (tile.Vectors == 2)
        {
            if (rows <= 4)
                OuterKernel<TSimd, TVector, Tile4x2>.Run(tile, a, c, strideC, tiles);
            else
                OuterKernel<TSimd, TVector, Tile8x2>.Run(tile, a, c, strideC, tiles);
        }
        else
        {
            if (rows <= 4)
                OuterKernel<TSimd, TVector, Tile4x1>.Run(tile, a, c, strideC, tiles);
            else
                OuterKernel<TSimd, TVector, Tile8x1>.Run(tile, a, c, strideC, tiles);
        }
    }

    private static void Copy(float* source, int count, float* destination) =>
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
}
