using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.CarRacing;

/// <summary>
/// Some rows of the 1000 × 800 surface as far as a 96 × 96 picture needs them: for each row and each of 96 cells of
/// about ten pixels either one colour, and then the average is in a table, or, where something begins or ends within
/// the cell, a block with its pixels. Filling a span costs a copy of table entries and at most two blocks, whatever
/// its length. A picture is made band by band, so that all of this stays in the processor's first cache. Rows count
/// upwards here, as on the surface before it is flipped; they are kept top first.
/// </summary>
internal sealed unsafe partial class CellBand
{
    /// <summary>The most rows of a band.</summary>
    public const int MaximumRows = Camera.Height - Indicators.Top + 8;

    private const int Cells = ColumnFilter.Cells;

    // A block is a cache line: twelve pixels, bytes red, green, blue, 0; the rest is of no account.
    private const int BlockWords = 16;

    // The first blocks are one colour each, so that a cell of one colour can be read like any other.
    private const int FirstFreeBlock = 16;

    // What one shape can need: four lines through each cell and two ends of each row's span.
    private const int BlocksPerShape = 6 * MaximumRows * Cells / 8;

    // A cell's upper byte: its colour's number, or that the rest is the number of its block.
    private const uint Mixed = 255;

    // Pinned, and so alive as long as this object is.
    private readonly uint[] _cellArray = GC.AllocateArray<uint>((MaximumRows + 1) * Cells + 64, pinned: true);
    private readonly uint[] _averageArray = GC.AllocateArray<uint>(CanvasColor.Count * Cells + 16, pinned: true);
    private readonly uint[] _maskArray = GC.AllocateArray<uint>(4 * BlockWords, pinned: true);
    private readonly ushort[] _pixelArray = GC.AllocateArray<ushort>(3 * Camera.Width, pinned: true);
    private readonly uint* _cells, _averages, _masks, _columns;

    // By pixel, for a span that begins there: the first cell that it fills whole, and, times 256, where the mask of
    // what it fills of the cell before is; for a span that ends there: one more than the last such cell, and the mask
    // of what it fills of the next.
    private readonly ushort* _begins, _ends;

    // By pixel: its cell's column times 32, its number in the cell times 2, and whether it is the next cell's first
    // too.
    private readonly ushort* _places;

    private readonly uint[] _colors = new uint[CanvasColor.Count];
    private uint[] _blockArray = [];
    private uint* _blocks, _origin;

    // By block: where the cell is that it belongs to and, times 2^32, where what is known of its column is, in bytes
    // from the first cell and column.
    private ulong[] _ownerArray = [];
    private ulong* _owners;
    private int _blockCount = FirstFreeBlock, _blockCapacity, _low, _high;

    // The cells that are looked at, and their pixels.
    private int _firstCell, _endCell = Cells, _left, _right = Camera.Width - 1;

    public CellBand()
    {
        // The band before leaves its last row before the first.
        _cells = Align(_cellArray) + Cells;
        _averages = (uint*)Unsafe.AsPointer(ref _averageArray[0]);
        _masks = (uint*)Unsafe.AsPointer(ref _maskArray[0]);
        _begins = (ushort*)Unsafe.AsPointer(ref _pixelArray[0]);
        _ends = _begins + Camera.Width;
        _places = _ends + Camera.Width;
        _columns = MakeColumns();
        MakeTables();
        ReserveBlocks();

        // No colour looks like this, so that each is set the first time.
        _colors.AsSpan().Fill(uint.MaxValue);
    }

    /// <summary>Sets what a colour looks like, 0x00RRGGBB; between pictures.</summary>
    public void SetColor(int number, uint color)
    {
        // Bytes in the order red, green, blue.
        uint pixel = color >> 16 & 255 | color & 0xFF00 | (color & 255) << 16;
        if (_colors[number] == pixel)
            return;
        _colors[number] = pixel;
        new Span<uint>(_blocks + number * BlockWords, BlockWords).Fill(pixel);
        for (int cell = 0; cell < Cells; cell++)
        {
            _averages[number * Cells + cell] = (uint)number << 24
                | (uint)ColumnFilter.Average(cell, (int)(color & 255)) << 16
                | (uint)ColumnFilter.Average(cell, (int)(color >> 8 & 255)) << 8
                | ColumnFilter.Average(cell, (int)(color >> 16));
        }
    }

    /// <summary>Says which cells are looked at; between pictures. The others may show anything.</summary>
    public void Look(int firstCell, int endCell)
    {
        (_firstCell, _endCell) = (firstCell, endCell);
        (_left, _right) = (ColumnFilter.First[firstCell], ColumnFilter.Last[endCell - 1]);
    }

    /// <summary>Starts a band of one colour.</summary>
    /// <param name="first">Its first row, counted in the picture's direction: 0 is the surface's last.</param>
    /// <param name="rows">How many rows it has.</param>
    /// <param name="color">The colour.</param>
    public void Begin(int first, int rows, int color)
    {
        Debug.Assert(rows <= MaximumRows);
        _blockCount = FirstFreeBlock;
        (_low, _high) = (Camera.Height - first - rows, Camera.Height - 1 - first);
        _origin = _cells + _high * Cells;
        for (int row = 0; row < rows; row++)
            CopyCells(_cells + row * Cells, _averages + color * Cells, Cells);
    }

    private uint* Row(int y) => _origin - y * Cells;

    /// <summary>Fills pixels of a row; both ends included and within the surface.</summary>
    private void FillSpan(int y, int left, int right, int color) => FillSpan(
        Row(y), left, right, _averages + color * Cells, Vector512.Create(_colors[color]), _begins, _ends, _masks);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillSpan(
        uint* row, int left, int right, uint* averages, Vector512<uint> color,
        ushort* beginnings, ushort* endings, uint* masks)
    {
        Debug.Assert(left >= _left && left <= right && right <= _right);

        // The cells that it fills whole; on either side there is one more of which it fills the end or the beginning,
        // since neighbours share a pixel.
        uint begins = beginnings[left], ends = endings[right];
        nint first = (nint)(begins & 255), end = (nint)(ends & 255);
        uint* low = masks + (begins >> 8), high = masks + (ends >> 8);
        if (first > end)
        {
            // All within one cell.
            FillPart(row + end, end, row[end], Vector512.Load(low) & Vector512.Load(high), color);
            return;
        }

        // Looked at before the copy, which would have to be waited for.
        uint before = row[first - 1], after = row[end];
        CopyCells(row + first, averages + first, end - first);
        if (first > _firstCell)
            FillPart(row + first - 1, first - 1, before, Vector512.Load(low), color);
        if (end < _endCell)
            FillPart(row + end, end, after, Vector512.Load(high), color);
    }

    // Fills the pixels of a cell that the mask chooses.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillPart(uint* cell, nint column, uint word, Vector512<uint> mask, Vector512<uint> color)
    {
        uint* block = Open(cell, column, word, out uint* content);
        Vector512.ConditionalSelect(mask, color, Vector512.Load(content)).Store(block);
    }

    /// <summary>The block that a cell's pixels are to be written to; a new one, not yet filled, if it had one
    /// colour.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="column">Its column.</param>
    /// <param name="word">What is in the cell.</param>
    /// <param name="content">Where its pixels are now.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint* Open(uint* cell, nint column, uint word, out uint* content)
    {
        uint* blocks = _blocks;
        if (word >= Mixed << 24)
            return content = blocks + (nint)(word & 0xFFFFFF) * BlockWords;

        nint number = _blockCount++;
        Debug.Assert(number < _blockCapacity);
        uint* block = blocks + number * BlockWords;
        _owners[number] = (ulong)column << 32 + ColumnShift | (uint)((byte*)cell - (byte*)_cells);
        *cell = Mixed << 24 | (uint)number;
        content = blocks + (nint)(word >> 24) * BlockWords;
        return block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyCells(uint* to, uint* from, nint count)
    {
        // The last ones may be copied twice.
        if (count < 8)
        {
            if (count >= 4)
            {
                Vector128.Load(from).Store(to);
                Vector128.Load(from + count - 4).Store(to + count - 4);
            }
            else if (count >= 2)
            {
                *(ulong*)to = *(ulong*)from;
                *(ulong*)(to + count - 2) = *(ulong*)(from + count - 2);
            }
            else if (count == 1)
            {
                *to = *from;
            }

            return;
        }

        count -= 8;
        for (nint i = 0; i < count; i += 8)
            Vector256.Load(from + i).Store(to + i);
        Vector256.Load(from + count).Store(to + count);
    }

    private void MakeTables()
    {
        // Zeros, twice as many ones, zeros: a block's width from one of the first on chooses the last pixels of a cell,
        // from one of the later on the first pixels.
        _maskArray.AsSpan(BlockWords, 2 * BlockWords).Fill(uint.MaxValue);
        for (int x = 0; x < Camera.Width; x++)
        {
            int first = ColumnFilter.FirstCellFrom[x], end = ColumnFilter.CellsUpTo[x];
            int from = x - ColumnFilter.First[Math.Max(first - 1, 0)];
            int to = x - ColumnFilter.First[Math.Min(end, Cells - 1)];
            _begins[x] = (ushort)(first | FromMask(from) << 8);
            _ends[x] = (ushort)(end | UpToMask(to) << 8);
            int cell = ColumnFilter.CellOf[x];
            bool shared = cell + 1 < Cells && ColumnFilter.First[cell + 1] == x;
            _places[x] = (ushort)(cell << 5 | x - ColumnFilter.First[cell] << 1 | (shared ? 1 : 0));
        }
    }

    private static int FromMask(int pixel) => BlockWords - pixel;

    private static int UpToMask(int pixel) => 3 * BlockWords - 1 - pixel;

    /// <summary>Makes room for what a shape may need.</summary>
    private void ReserveBlocks()
    {
        if (_blockCount + BlocksPerShape <= _blockCapacity)
            return;
        int capacity = Math.Max(2 * _blockCapacity, 2 * BlocksPerShape);
        uint[] array = GC.AllocateUninitializedArray<uint>(capacity * BlockWords + 16, pinned: true);
        uint* blocks = Align(array);
        if (_blockCapacity > 0)
            Buffer.MemoryCopy(_blocks, blocks, capacity * 64L, _blockCount * 64L);
        ulong[] owners = GC.AllocateUninitializedArray<ulong>(capacity, pinned: true);
        _ownerArray.AsSpan().CopyTo(owners);
        _ownerArray = owners;
        _owners = (ulong*)Unsafe.AsPointer(ref owners[0]);
        _blockArray = array;
        _blocks = blocks;
        _blockCapacity = capacity;
    }

    private static uint* Align(uint[] array) =>
        (uint*)(((nuint)Unsafe.AsPointer(ref array[0]) + 63) & ~(nuint)63);
}
