using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Environments.CarRacing;

internal sealed unsafe partial class CellCanvas
{
    private const int Space = 65536 * Camera.Height / Picture;
    private const int VerticalReciprocal = (int)((1L << 32) / Space);
    private const int Picture = 96;

    // One row of the picture, four bytes a pixel.
    private readonly uint[] _line = GC.AllocateArray<uint>(Picture + 16, pinned: true);

    // By column, in two cache lines: the weights of a cell's outer pixels, four channels each, upper and lower bytes;
    // a mask for its pixels 8 … 11 without the last; the last one's number.
    private readonly uint[] _columnArray = GC.AllocateArray<uint>(Cells * ColumnWords + 16, pinned: true);
    private const int ColumnWords = 16, LowerWord = 4, InnerWord = 8, LastWord = 12;

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
        }

        return columns;
    }

    /// <summary>Averages the cells into rows of the picture.</summary>
    /// <param name="rows">How many rows, from the top.</param>
    /// <param name="rgb">Destination, [rows, 96, 3].</param>
    public void Shrink(int rows, Span<byte> rgb)
    {
        Resolve(FirstFreeBlock);
        uint* line = (uint*)Unsafe.AsPointer(ref _line[0]);
        int next = 0, left = Space, carried = 0;
        for (int y = 0; y < rows; y++)
        {
            // Rows next … next + whole − 1 count whole, the one after with the weight that is left.
            int whole = (left - 1) / 65536;
            left -= whole * 65536;
            Average(_cells + next * Cells, whole, carried, left, line);
            Pack(line, rgb.Slice(y * Picture * 3, Picture * 3));
            next += whole + 1;
            carried = 65536 - left;
            left = Space - carried;
        }
    }

    // Cells that still have their block become averages.
    private void Resolve(int firstBlock)
    {
        uint* block = _blocks + firstBlock * BlockWords;
        for (int i = firstBlock; i < _blockCount; i++, block += BlockWords)
        {
            uint column = block[ColumnWord];
            uint* cell = (uint*)((byte*)_cells + block[OwnerWord]) + column;
            uint average = Average(block, _columns + column * ColumnWords);
            *cell = *cell == (Mixed << 24 | (uint)i) ? average : *cell;
        }
    }

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
        var words = Vector128.Narrow(total, total);
        return Vector128.Narrow(words, words).AsUInt32().ToScalar();
    }

    // One row of the picture: the fraction carried of the row before, whole rows, a fraction of the row after.
    private static void Average(uint* cells, int whole, int carried, int left, uint* line)
    {
        var even = Vector256.Create((ushort)255);
        for (int i = 0; i < Cells; i += 8)
        {
            uint* from = cells + i;
            Vector256<ushort> outer = default, inner = default;
            if (carried > 0)
            {
                var before = Vector256.Load((ushort*)(from - Cells));
                outer = Part(before & even, carried);
                inner = Part(before >> 8, carried);
            }

            for (int row = 0; row < whole; row++, from += Cells)
            {
                var values = Vector256.Load((ushort*)from);
                outer += values & even;
                inner += values >> 8;
            }

            var after = Vector256.Load((ushort*)from);
            outer += Part(after & even, left);
            inner += Part(after >> 8, left);
            (Scale(outer) | Scale(inner) << 8).Store((ushort*)(line + i));
        }

        static Vector256<ushort> Part(Vector256<ushort> values, int weight) =>
            (values * Vector256.Create((ushort)(weight >> 8)) + (values * Vector256.Create((ushort)(weight & 255)) >> 8)) >> 8;

        static Vector256<ushort> Scale(Vector256<ushort> sums)
        {
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(sums);
            return Vector256.Narrow(lower * VerticalReciprocal >> 16, upper * VerticalReciprocal >> 16) & Vector256.Create((ushort)255);
        }
    }

    // Leaves every fourth byte out.
    private static void Pack(uint* line, Span<byte> rgb)
    {
        var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
        fixed (byte* to = rgb)
        {
            for (int i = 0; i < Picture - 4; i += 4)
                Vector128.Shuffle(Vector128.Load((byte*)(line + i)), order).Store(to + i * 3);
            for (int i = (Picture - 4) * 3; i < Picture * 3; i++)
                to[i] = (byte)(line[i / 3] >> i % 3 * 8);
        }
    }
}
