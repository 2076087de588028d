namespace Dqn.CarRacing;

/// <summary>
/// How smoothscale averages 800 rows into 96, after the columns: which rows make a row of the picture, with which
/// weights in units of 1/65536. A row on a border counts for both sides by its fractions.
/// </summary>
internal static class RowFilter
{
    public const int Rows = 96;

    /// <summary>What a sum is multiplied with before its upper 16 bits are taken.</summary>
    public const int Reciprocal = (int)((1L << 32) / Space);

    private const int Space = 65536 * Camera.Height / Rows;

    /// <summary>By row of the picture: the first row that counts whole.</summary>
    public static readonly short[] First = new short[Rows];

    /// <summary>By row of the picture: how many rows count whole; the row before and the row after count in
    /// part.</summary>
    public static readonly byte[] Whole = new byte[Rows];

    /// <summary>By row of the picture: the weights of the rows before and after.</summary>
    public static readonly int[] WeightBefore = new int[Rows], WeightAfter = new int[Rows];

    static RowFilter()
    {
        int next = 0, before = 0;
        for (int y = 0; y < Rows; y++)
        {
            int left = Space - before, whole = (left - 1) / 65536;
            (First[y], Whole[y]) = ((short)next, (byte)whole);
            (WeightBefore[y], WeightAfter[y]) = (before, left - whole * 65536);
            next += whole + 1;
            before = 65536 - WeightAfter[y];
        }
    }
}
