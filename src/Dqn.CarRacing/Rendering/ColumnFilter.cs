namespace Dqn.CarRacing;

/// <summary>
/// How smoothscale averages 1000 columns into 96: which pixels make a cell (one of the 96), with which weights. A pixel
/// on a border belongs to both cells. Weights are in units of 1/65536; all but a cell's first and last are whole.
/// </summary>
internal static class ColumnFilter
{
    public const int Cells = 96;

    /// <summary>The most pixels that a cell has.</summary>
    public const int MaximumPixels = 12;

    /// <summary>What a cell's sum is multiplied with before its upper 16 bits are taken.</summary>
    public const int Reciprocal = (int)((1L << 32) / Space);

    private const int Space = 65536 * Camera.Width / Cells;

    /// <summary>By cell: its first and its last pixel.</summary>
    public static readonly short[] First = new short[Cells], Last = new short[Cells];

    /// <summary>By cell: the weights of these two.</summary>
    public static readonly int[] FirstWeight = new int[Cells], LastWeight = new int[Cells];

    /// <summary>By pixel: the cell that it belongs to; the left one where it belongs to two.</summary>
    public static readonly byte[] CellOf = new byte[Camera.Width];

    /// <summary>By pixel: the first cell that begins there or later, 96 if none does.</summary>
    public static readonly byte[] FirstCellFrom = new byte[Camera.Width];

    /// <summary>By pixel: one more than the last cell that ends there or before, 0 if none does.</summary>
    public static readonly byte[] CellsUpTo = new byte[Camera.Width];

    static ColumnFilter()
    {
        int left = Space, cell = 0;
        FirstWeight[0] = 65536;
        for (int x = 0; x < Camera.Width; x++)
        {
            CellOf[x] = (byte)Math.Min(cell, Cells - 1);
            if (left > 65536)
            {
                left -= 65536;
                continue;
            }

            (Last[cell], LastWeight[cell]) = ((short)x, left);
            left = 65536 - left;
            cell++;
            if (cell < Cells)
                (First[cell], FirstWeight[cell]) = ((short)x, left);
            left = Space - left;
        }

        for (int x = 0; x < Camera.Width; x++)
        {
            FirstCellFrom[x] = (byte)First.Count(first => first < x);
            CellsUpTo[x] = (byte)Last.Count(last => last <= x);
        }
    }

    /// <summary>The byte that a cell of one colour becomes.</summary>
    public static byte Average(int cell, int value)
    {
        int whole = Last[cell] - First[cell] - 1;
        int sum = (value * FirstWeight[cell] >> 16) + whole * value + (value * LastWeight[cell] >> 16);
        return (byte)(sum * Reciprocal >> 16);
    }
}
