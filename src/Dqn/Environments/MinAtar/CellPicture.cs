namespace Dqn.Environments;

/// <summary>A picture of 10 × 10 cells, [channels, row, column]: 0 where there is nothing, 255 where there is something.</summary>
internal readonly ref struct CellPicture(Span<byte> bytes)
{
    /// <summary>Rows, and columns.</summary>
    public const int Side = 10;

    /// <summary>Cells of a channel.</summary>
    public const int Cells = Side * Side;

    private readonly Span<byte> _bytes = bytes;

    public void Set(int channel, int row, int column) => _bytes[channel * Cells + row * Side + column] = byte.MaxValue;

    /// <summary>A cell that may lie beside the picture, where nothing is set.</summary>
    public void SetIfInside(int channel, int row, int column)
    {
        if (IsInside(column))
            Set(channel, row, column);
    }

    public static bool IsInside(int column) => (uint)column < Side;
}
