namespace Dqn.Networks;

/// <summary>
/// Part of C = Aᵀ · B, a sum of outer products: consecutive columns of A times a block of B's columns, over <see
/// cref="Groups"/> × <see cref="Count"/> rows. Within a group, rows of A are <see cref="StrideA"/> apart; groups begin
/// <see cref="GroupStrideA"/> apart. So a weight's gradient walks over an image row by row. Strides count floats.
/// </summary>
internal unsafe struct OuterTile
{
    /// <summary>C's rows, which are A's columns: as many as there are.</summary>
    public int Rows;

    public float* A;
    public int Groups;
    public nint GroupStrideA;
    public int Count;
    public nint StrideA;

    /// <summary>Rows of B follow each other <see cref="StrideB"/> apart, through all groups.</summary>
    public float* B;

    public nint StrideB;

    /// <summary>How many vectors wide the block is: 1 or 2.</summary>
    public int Vectors;

    public float* C;
    public nint StrideC;
    public int ValidColumns;

    /// <summary>Whether the sums start from what C holds, rather than from 0.</summary>
    public bool Continue;
}
