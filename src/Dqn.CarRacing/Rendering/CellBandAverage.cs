using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dqn.CarRacing;

internal sealed unsafe partial class CellBand
{
    // By column, a cache line: the weights of a cell's first and last pixel, four channels each, upper bytes, then
    // lower bytes; a mask for its pixels 8 … 11 without the last; where the last is in a block and both weights whole.
    private const int ColumnWords = 16, ColumnShift = 6, LowerWord = 4, InnerWord = 8;
    private const int LastWord = 12, FirstWeightWord = 13, LastWeightWord = 14, FirstWord = 15;

    private readonly uint[] _columnArray = GC.AllocateArray<uint>(Cells * ColumnWords + 16, pinned: true);

    /// <summary>Turns all cells into averages; nothing more can be drawn then.</summary>
    public void Resolve() => Resolve(FirstFreeBlock);

    /// <summary>Averages rows into one of the picture, four bytes a pixel, after <see cref="Resolve()"/>.</summary>
    /// <param name="y">Which row of the picture; the band has all its rows but, maybe, the one before the
    /// first.</param>
    /// <param name="line">Destination, [96].</param>
    public void Average(int y, uint* line)
    {
        int first = RowFilter.First[y], whole = RowFilter.Whole[y];
        Average(
            Row(Camera.Height - 1 - first), whole, RowFilter.WeightBefore[y], RowFilter.WeightAfter[y], line);
    }

    /// <summary>Keeps the last row for the next band, which begins after it.</summary>
    public void End() => CopyCells(_cells - Cells, Row(_low), Cells);

    private uint* MakeColumns()
    {
        uint* columns = Align(_columnArray);
        for (int cell = 0; cell < Cells; cell++)
        {
            uint* column = columns + cell * ColumnWords;
            uint first = (uint)ColumnFilter.FirstWeight[cell], last = (uint)ColumnFilter.LastWeight[cell];
            for (int i = 0; i < 4; i++)
            {
                uint weight = i < 2 ? first : last;
                column[i] = (weight >> 8) * 0x10001;
                column[LowerWord + i] = (weight & 255) * 0x10001;
            }

            int lastPixel = ColumnFilter.Last[cell] - ColumnFilter.First[cell];
            for (int i = 0; i < 4; i++)
                column[InnerWord + i] = 8 + i < lastPixel ? uint.MaxValue : 0;
            column[LastWord] = (uint)lastPixel;
            column[FirstWeightWord] = first;
            column[LastWeightWord] = last;
            column[FirstWord] = (uint)ColumnFilter.First[cell];
        }

        return columns;
    }

    // Cells that still have their block become averages.
    private void Resolve(int firstBlock)
    {
        uint* block = _blocks + firstBlock * BlockWords;
        for (nint i = firstBlock; i < _blockCount; i++, block += BlockWords)
        {
            ulong owner = _owners[i];
            uint* cell = (uint*)((byte*)_cells + (uint)owner);
            uint* column = (uint*)((byte*)_columns + (owner >> 32));

            // Others have been filled since.
            if (*cell == (Mixed << 24 | (uint)i))
                *cell = Avx2.IsSupported ? AverageAvx2(block, column) : Average(block, column);
        }
    }

    /// <summary>The average of a block's pixels, bytes red, green, blue, 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Average(uint* pixels, uint* column)
    {
        // The pixels between first and last count whole. There are nine or ten.
        var low = Vector256.Load((byte*)pixels) & Vector256.Create(0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u).AsByte();
        var high = Vector128.Load((byte*)(pixels + 8)) & Vector128.Load((byte*)(column + InnerWord));
        var sum = Vector256.WidenLower(low) + Vector256.WidenUpper(low)
            + Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high));
        var sums = sum.GetLower() + sum.GetUpper();

        // p · w >> 16 with 16-bit products only: w's upper byte, plus what its lower byte carries.
        ulong ends = (ulong)pixels[column[LastWord]] << 32 | pixels[0];
        var outer = Vector128.WidenLower(Vector128.CreateScalarUnsafe(ends).AsByte());
        var upper = Vector128.Load((ushort*)column);
        var lower = Vector128.Load((ushort*)(column + LowerWord));
        sums += (outer * upper + (outer * lower >> 8)) >> 8;

        var total = (Vector128.WidenLower(sums) + Vector128.WidenUpper(sums)) * (uint)ColumnFilter.Reciprocal >> 16;
        return total[0] | total[1] << 8 | total[2] << 16;
    }

    /// <summary>The same, with the instructions that add four bytes each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint AverageAvx2(uint* pixels, uint* column)
    {
        // Each channel's four bytes next to each other.
        var channels = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        var low = Vector256.Load((byte*)pixels) & Vector256.Create(0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u).AsByte();
        var high = Vector128.Load((byte*)(pixels + 8)) & Vector128.Load((byte*)(column + InnerWord));
        var lows = Avx2.MultiplyAddAdjacent(
            Avx2.Shuffle(low, Vector256.Create(channels, channels)), Vector256<sbyte>.One);
        var highs = Ssse3.MultiplyAddAdjacent(Ssse3.Shuffle(high, channels), Vector128<sbyte>.One);
        var sums = Sse2.MultiplyAddAdjacent(lows.GetLower() + lows.GetUpper() + highs, Vector128<short>.One);

        var first = Sse41.ConvertToVector128Int32((byte*)pixels) * Vector128.Create((int)column[FirstWeightWord]);
        var last = Sse41.ConvertToVector128Int32((byte*)(pixels + column[LastWord]))
            * Vector128.Create((int)column[LastWeightWord]);
        sums += (first >> 16) + (last >> 16);
        sums = sums * ColumnFilter.Reciprocal >> 16;
        var order = Vector128.Create((byte)0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        return Ssse3.Shuffle(sums.AsByte(), order).AsUInt32().ToScalar();
    }

    // A fraction of the row before, whole rows, a fraction of the row after.
    private static void Average(uint* cells, int whole, int weightBefore, int weightAfter, uint* line)
    {
        var low = Vector512.Create((ushort)255);
        ushort beforeUpper = (ushort)(weightBefore >> 8), beforeLower = (ushort)(weightBefore & 255);
        ushort afterUpper = (ushort)(weightAfter >> 8), afterLower = (ushort)(weightAfter & 255);
        for (int i = 0; i < Cells; i += 16)
        {
            // Sums of pairs of bytes overflow, but what is lost of the lower bytes' sum is the upper bytes' sum.
            ushort* from = (ushort*)(cells + i);
            Vector512<ushort> both = default, upper = default;
            for (int row = 0; row < whole; row++, from += 2 * Cells)
            {
                var values = Vector512.Load(from);
                both += values;
                upper += values >> 8;
            }

            var lower = both - (upper << 8);
            var before = Vector512.Load((ushort*)(cells + i - Cells));
            lower += Part(before & low, beforeUpper, beforeLower);
            upper += Part(before >> 8, beforeUpper, beforeLower);
            var after = Vector512.Load(from);
            lower += Part(after & low, afterUpper, afterLower);
            upper += Part(after >> 8, afterUpper, afterLower);
            (Scale(lower) | Scale(upper) << 8).Store((ushort*)(line + i));
        }

        // p · w >> 16 again.
        static Vector512<ushort> Part(Vector512<ushort> values, ushort upper, ushort lower) =>
            (values * Vector512.Create(upper) + (values * Vector512.Create(lower) >> 8)) >> 8;

        static Vector512<ushort> Scale(Vector512<ushort> sums)
        {
            const ushort Reciprocal = RowFilter.Reciprocal;
            if (Avx512BW.IsSupported)
                return Avx512BW.MultiplyHigh(sums, Vector512.Create(Reciprocal));
            if (Avx2.IsSupported)
            {
                var reciprocals = Vector256.Create(Reciprocal);
                return Vector512.Create(
                    Avx2.MultiplyHigh(sums.GetLower(), reciprocals), Avx2.MultiplyHigh(sums.GetUpper(), reciprocals));
            }

            (Vector512<uint> lower, Vector512<uint> upper) = Vector512.Widen(sums);
            return Vector512.Narrow(lower * Reciprocal >> 16, upper * Reciprocal >> 16);
        }
    }
}
