using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Environments.CarRacing;

/// <summary>
/// The 1000 × 800 surface as far as a 96 × 96 picture needs it: for each row and each of 96 cells of about ten pixels
/// either one colour, and then the average is in a table, or, where something begins or ends within the cell, its
/// pixels. Filling a span costs a copy of table entries and at most two cells' pixels, whatever its length.
/// Rows count upwards here, as on the surface before it is flipped; they are stored top first.
/// </summary>
internal sealed unsafe partial class CellCanvas
{
    private const int Cells = ColumnFilter.Cells;
    private const int BlockPixels = 16;

    // A cell's upper byte: the colour's number, or that the rest is the number of its block of pixels.
    private const uint Mixed = 255;

    // The entries of pinned arrays: their addresses hold as long as this object does.
    private readonly uint[] _cellArray = GC.AllocateUninitializedArray<uint>(Camera.Height * Cells + 32, pinned: true);
    private readonly uint[] _averageArray = GC.AllocateArray<uint>(CanvasColor.Count * Cells, pinned: true);
    private readonly ushort[] _placeArray = GC.AllocateArray<ushort>(Camera.Width, pinned: true);
    private readonly uint* _cells, _averages;
    private readonly ushort* _places;
    private readonly uint[] _colors = new uint[CanvasColor.Count];
    private uint[] _blockArray = [];
    private uint* _blocks;
    private int _blockCount, _blockCapacity;

    public CellCanvas()
    {
        _cells = Align(_cellArray);
        _averages = (uint*)Unsafe.AsPointer(ref _averageArray[0]);
        _places = (ushort*)Unsafe.AsPointer(ref _placeArray[0]);
        for (int x = 0; x < Camera.Width; x++)
        {
            int cell = ColumnFilter.CellOf[x];
            bool shared = cell + 1 < Cells && ColumnFilter.First[cell + 1] == x;
            _places[x] = (ushort)(cell << 5 | x - ColumnFilter.First[cell] << 1 | (shared ? 1 : 0));
        }

        // No colour looks like this, so that each is set the first time.
        _colors.AsSpan().Fill(uint.MaxValue);
        GrowBlocks(8192);
    }

    /// <summary>Sets what a colour looks like, 0x00RRGGBB.</summary>
    public void SetColor(int number, uint color)
    {
        uint pixel = Swap(color);
        if (_colors[number] == pixel)
            return;
        _colors[number] = pixel;
        for (int cell = 0; cell < Cells; cell++)
        {
            _averages[number * Cells + cell] = (uint)number << 24
                | (uint)ColumnFilter.Average(cell, (int)(color & 255)) << 16
                | (uint)ColumnFilter.Average(cell, (int)(color >> 8 & 255)) << 8
                | ColumnFilter.Average(cell, (int)(color >> 16));
        }
    }

    /// <summary>Starts a picture of one colour; the panel's rows stay undefined until they are drawn.</summary>
    public void Clear(int color)
    {
        _blockCount = 0;
        for (int row = 0; row < Indicators.Top; row++)
            CopyCells(_cells + row * Cells, _averages + color * Cells, Cells);
    }

    /// <summary>Fills pixels of a row; both ends included and within the surface.</summary>
    public void FillSpan(int y, int left, int right, int color)
    {
        Debug.Assert(y is >= 0 and < Camera.Height && left >= 0 && left <= right && right < Camera.Width);
        uint* row = Row(y);
        int first = ColumnFilter.FirstCellFrom[left], end = ColumnFilter.CellsUpTo[right];
        if (first < end)
        {
            CopyCells(row + first, _averages + color * Cells + first, end - first);
        }
        else if (first > end)
        {
            // It begins and ends within one cell.
            FillPart(row, end, left, right, color);
            return;
        }

        if (first > 0 && ColumnFilter.Last[first - 1] >= left)
            FillPart(row, first - 1, left, Math.Min(right, ColumnFilter.Last[first - 1]), color);
        if (end < Cells && ColumnFilter.First[end] <= right)
            FillPart(row, end, Math.Max(left, ColumnFilter.First[end]), right, color);
    }

    /// <summary>Moves a pixel's channels by alpha / 256 of the way to a colour, rounded down.</summary>
    public void Blend(int x, int y, int color, uint alpha)
    {
        Debug.Assert((uint)x < Camera.Width && (uint)y < Camera.Height);
        uint place = _places[x];
        uint* cell = Row(y) + (place >> 5);
        BlendIn(cell, (int)(place >> 1 & 15), color, alpha);
        if ((place & 1) != 0)
            BlendIn(cell + 1, 0, color, alpha);
    }

    private uint* Row(int y) => _cells + (Camera.Height - 1 - y) * Cells;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BlendIn(uint* cell, int index, int color, uint alpha)
    {
        uint* pixels;
        uint over = _colors[color];
        uint number = *cell >> 24;
        if (number == Mixed)
        {
            pixels = _blocks + (*cell & 0xFFFFFF) * BlockPixels;
        }
        else
        {
            uint under = _colors[number];
            if (under == over)
                return;
            pixels = AddBlock(cell);
            var all = Vector256.Create(under);
            all.Store(pixels);
            all.GetLower().Store(pixels + 8);
        }

        // p + ((c − p) · a >> 8) per channel, with two channels in each product.
        uint pixel = pixels[index];
        uint keep = 256 - alpha;
        uint outer = (pixel & 0xFF00FF) * keep + (over & 0xFF00FF) * alpha;
        uint inner = (pixel >> 8 & 0xFF) * keep + (over >> 8 & 0xFF) * alpha;
        pixels[index] = outer >> 8 & 0xFF00FF | inner & 0xFF00;
    }

    private void FillPart(uint* row, int cell, int left, int right, int color)
    {
        int start = left - ColumnFilter.First[cell], end = right - ColumnFilter.First[cell];
        uint content = row[cell];
        Vector256<uint> low;
        Vector128<uint> high;
        uint* pixels;
        if (content >> 24 == Mixed)
        {
            pixels = _blocks + (content & 0xFFFFFF) * BlockPixels;
            low = Vector256.Load(pixels);
            high = Vector128.Load(pixels + 8);
        }
        else
        {
            if (content >> 24 == (uint)color)
                return;
            low = Vector256.Create(_colors[content >> 24]);
            high = low.GetLower();
            pixels = AddBlock(row + cell);
        }

        var over = Vector256.Create(_colors[color]);
        var width = Vector256.Create((uint)(end - start));
        var offset = Vector256.Create((uint)start);
        var inLow = Vector256.LessThanOrEqual(Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7) - offset, width);
        var inHigh = Vector128.LessThanOrEqual(Vector128.Create(8u, 9, 10, 11) - offset.GetLower(), width.GetLower());
        Vector256.ConditionalSelect(inLow, over, low).Store(pixels);
        Vector128.ConditionalSelect(inHigh, over.GetLower(), high).Store(pixels + 8);
    }

    private uint* AddBlock(uint* cell)
    {
        if (_blockCount == _blockCapacity)
            GrowBlocks(_blockCapacity * 2);
        *cell = Mixed << 24 | (uint)_blockCount;
        return _blocks + _blockCount++ * BlockPixels;
    }

    private void GrowBlocks(int capacity)
    {
        uint[] array = GC.AllocateUninitializedArray<uint>(capacity * BlockPixels + 32, pinned: true);
        uint* blocks = Align(array);
        if (_blockCount > 0)
            Buffer.MemoryCopy(_blocks, blocks, (long)capacity * 64, (long)_blockCount * 64);
        _blockArray = array;
        _blocks = blocks;
        _blockCapacity = capacity;
    }

    private static void CopyCells(uint* to, uint* from, int count)
    {
        if (count < 8)
        {
            for (int i = 0; i < count; i++)
                to[i] = from[i];
            return;
        }

        for (int i = 0; i < count - 8; i += 8)
            Vector256.Load(from + i).Store(to + i);
        Vector256.Load(from + count - 8).Store(to + count - 8);
    }

    private static uint* Align(uint[] array) =>
        (uint*)(((nuint)Unsafe.AsPointer(ref array[0]) + 63) & ~(nuint)63);

    // Bytes in memory order red, green, blue.
    private static uint Swap(uint color) => color >> 16 & 255 | color & 0xFF00 | (color & 255) << 16;
}
