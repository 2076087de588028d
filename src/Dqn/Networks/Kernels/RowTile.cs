namespace Dqn.Networks;

/// <summary>
/// Part of C = A · B: some rows of A, anywhere in memory, times a block of B's columns. A row of A is
/// <see cref="Segments"/> stretches of <see cref="Run"/> consecutive floats, <see cref="SegmentStride"/> apart, so
/// that a convolution reads its input where it lies. Offsets count floats.
/// </summary>
internal unsafe struct RowTile
{
    /// <summary>How many.</summary>
    public int Rows;

    public float* A;

    /// <summary>
    /// Where each row starts, from <see cref="A"/>; up to a multiple of the kernel set's TileRows, those that are not
    /// rows readable.
    /// </summary>
    public nint* RowsA;

    public int Segments;
    public nint SegmentStride;
    public int Run;

    /// <summary>[Segments · Run, Vectors · lanes].</summary>
    public float* B;

    /// <summary>How many vectors wide the block is: 1 or 2.</summary>
    public int Vectors;

    public float* C;

    /// <summary>Where each row of the result starts, from <see cref="C"/>.</summary>
    public nint* RowsC;

    public int ValidColumns;

    /// <summary>Added at the end, Vectors · lanes of them; or null.</summary>
    public float* Bias;

    /// <summary>Whether the sums start from what C holds, rather than from 0.</summary>
    public bool Continue;

    /// <summary>Whether the result is max(·, 0).</summary>
    public bool Rectify;

    /// <summary>
    /// What will be needed later, or null: it is asked for meanwhile, <see cref="AheadStride"/> further with each step
    /// of each tile.
    /// </summary>
    public float* Ahead;

    public nint AheadStride;
}
