using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Environments.CarRacing;

/// <summary>
/// Some rows of the 1000 × 800 surface as far as a 96 × 96 picture needs them: for each row and each of 96 cells of about
/// ten pixels either one colour, and then the average is in a table, or, where something begins or ends within the cell,
/// a block with its pixels. Filling a span costs a copy of table entries and at most two blocks, whatever its length. A
/// picture is made band by band, so that all of this stays in the processor's first cache. Rows count upwards here, as on
/// the surface before it is flipped; they are kept top first.
/// </summary>
internal sealed unsafe partial class CellBand
{
    /// <summary>The most rows of a band.</summary>
    public const int MaximumRows = Camera.Height - Indicators.Top + 8;

    private const int Cells = ColumnFilter.Cells;

    // A block is a cache line: twelve pixels, bytes red, green, blue, 0; then where the cell is that it belongs to and
    // where what is known of the cell's column is, in bytes from the first cell and column.
    private const int BlockWords = 16, OwnerWord = 12, ColumnWord = 13;

    // The first blocks are one colour each, so that a cell of one colour can be read like any other.
    private const int FirstFreeBlock = 16;

    // What one shape can need: four lines through each cell and two ends of each row's span.
    private const int BlocksPerShape = 6 * MaximumRows * Cells / 8;

    // A cell's upper byte: its colour's number, or that the rest is the number of its block.
    private const uint Mixed = 255;

    // Pinned, and so alive as long as this object is.
    private readonly uint[] _cellArray = GC.AllocateArray<uint>((MaximumRows + 1) * Cells + 64, pinned: true);
    private readonly uint[] _averageArray = GC.AllocateArray<uint>(CanvasColor.Count * Cells + 16, pinned: true);
    private readonly uint[] _maskArray = GC.AllocateArray<uint>(4 * ColumnFilter.MaximumPixels, pinned: true);
    private readonly ushort[] _pixelArray = GC.AllocateArray<ushort>(3 * Camera.Width, pinned: true);
    private readonly uint* _cells, _averages, _masks, _columns;

    // By pixel, for a span that begins there: the first cell that it fills whole, and, times 256, where the mask of what
    // it fills of the cell before is; for a span that ends there: one more than the last such cell, and the mask of what
    // it fills of the next.
    private readonly ushort* _begins, _ends;

    // By pixel: its cell's column, the left one where it belongs to two.
    private readonly ushort* _places;

    private readonly uint[] _colors = new uint[CanvasColor.Count];
    private uint[] _blockArray = [];
    private uint* _blocks, _origin;
    private int _blockCount = FirstFreeBlock, _blockCapacity, _low, _high;

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
        new Span<uint>(_blocks + number * BlockWords, ColumnFilter.MaximumPixels).Fill(pixel);
        for (int cell = 0; cell < Cells; cell++)
        {
            _averages[number * Cells + cell] = (uint)number << 24
                | (uint)ColumnFilter.Average(cell, (int)(color & 255)) << 16
                | (uint)ColumnFilter.Average(cell, (int)(color >> 8 & 255)) << 8
                | ColumnFilter.Average(cell, (int)(color >> 16));
        }
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
    private void FillSpan(int y, int left, int right, int color) =>
        FillSpan(Row(y), left, right, _averages + color * Cells, Vector256.Create(_colors[color]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillSpan(uint* row, int left, int right, uint* averages, Vector256<uint> color)
    {
        Debug.Assert(left >= 0 && left <= right && right < Camera.Width);

        // The cells that it fills whole; on either side there is one more of which it fills the end or the beginning,
        // since neighbours share a pixel.
        uint begins = _begins[left], ends = _ends[right];
        int first = (int)(begins & 255), end = (int)(ends & 255);
        uint* low = _masks + (begins >> 8), high = _masks + (ends >> 8);
        if (first > end)
        {
            // All within one cell.
            FillPart(
                row, end, Vector256.Load(low) & Vector256.Load(high), Vector128.Load(low + 8) & Vector128.Load(high + 8),
                color);
            return;
        }

        CopyCells(row + first, averages + first, end - first);
        if (first > 0)
            FillPart(row, first - 1, Vector256.Load(low), Vector128.Load(low + 8), color);
        if (end < Cells)
            FillPart(row, end, Vector256.Load(high), Vector128.Load(high + 8), color);
    }

    // Fills the pixels of a cell that the masks choose.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillPart(uint* row, int column, Vector256<uint> low, Vector128<uint> high, Vector256<uint> color)
    {
        uint* block = Open(row, column, out uint* content);
        Vector256.ConditionalSelect(low, color, Vector256.Load(content)).Store(block);
        Vector128.ConditionalSelect(high, color.GetLower(), Vector128.Load(content + 8)).Store(block + 8);
    }

    /// <summary>The block that a cell's pixels are to be written to; a new one, not yet filled, if it had one colour.</summary>
    /// <param name="row">The cell's row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="content">Where its pixels are now.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint* Open(uint* row, int column, out uint* content)
    {
        Debug.Assert(_blockCount < _blockCapacity);
        uint word = row[column];
        if (word >> 24 == Mixed)
            return content = _blocks + (word & 0xFFFFFF) * BlockWords;

        uint number = (uint)_blockCount++;
        uint* block = _blocks + number * BlockWords;
        *(ulong*)(block + OwnerWord) =
            (ulong)(uint)(column * ColumnWords * sizeof(uint)) << 32 | (uint)((byte*)(row + column) - (byte*)_cells);
        row[column] = Mixed << 24 | number;
        content = _blocks + (word >> 24) * BlockWords;
        return block;
    }

    // Both may be read, and the destination written with what it held, some cells further.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyCells(uint* to, uint* from, int count)
    {
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= count - 16; i += 16)
                Vector512.Load(from + i).Store(to + i);
            var lanes = Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            var rest = Vector512.LessThan(lanes, Vector512.Create(count - i)).AsUInt32();
            Vector512.ConditionalSelect(rest, Vector512.Load(from + i), Vector512.Load(to + i)).Store(to + i);
        }
        else
        {
            for (; i <= count - 8; i += 8)
                Vector256.Load(from + i).Store(to + i);
            var lanes = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7);
            var rest = Vector256.LessThan(lanes, Vector256.Create(count - i)).AsUInt32();
            Vector256.ConditionalSelect(rest, Vector256.Load(from + i), Vector256.Load(to + i)).Store(to + i);
        }
    }

    private void MakeTables()
    {
        // Twelve zeros, 24 ones, twelve zeros: twelve of these from one of the first on choose the last pixels of a cell,
        // from one of the later on the first pixels.
        const int Pixels = ColumnFilter.MaximumPixels;
        _maskArray.AsSpan(Pixels, 2 * Pixels).Fill(uint.MaxValue);
        for (int x = 0; x < Camera.Width; x++)
        {
            int first = ColumnFilter.FirstCellFrom[x], end = ColumnFilter.CellsUpTo[x];
            int from = x - ColumnFilter.First[Math.Max(first - 1, 0)], to = x - ColumnFilter.First[Math.Min(end, Cells - 1)];
            _begins[x] = (ushort)(first | FromMask(from) << 8);
            _ends[x] = (ushort)(end | UpToMask(to) << 8);
            _places[x] = ColumnFilter.CellOf[x];
        }
    }

    private static int FromMask(int pixel) => ColumnFilter.MaximumPixels - pixel;

    private static int UpToMask(int pixel) => 3 * ColumnFilter.MaximumPixels - 1 - pixel;

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
        _blockArray = array;
        _blocks = blocks;
        _blockCapacity = capacity;
    }

    private static uint* Align(uint[] array) =>
        (uint*)(((nuint)Unsafe.AsPointer(ref array[0]) + 63) & ~(nuint)63);
}
