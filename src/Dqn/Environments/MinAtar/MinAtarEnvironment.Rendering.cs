namespace Dqn.Environments;

// The picture for people: a square for each cell, in the colour of the last channel that has something there.
public sealed partial class MinAtarEnvironment : IRenderable
{
    private const int PixelsPerCell = 24, Width = CellPicture.Side * PixelsPerCell;

    // As different as ten colours can be on black.
    private static readonly byte[][] s_colors =
    [
        [230, 230, 230], [214, 69, 65], [95, 95, 105], [241, 196, 15], [46, 134, 222],
        [39, 174, 96], [155, 89, 182], [72, 201, 176], [230, 126, 34], [247, 143, 179],
    ];

    // What Render draws from.
    private readonly byte[] _seen;

    /// <inheritdoc/>
    public int RenderWidth => Width;

    /// <inheritdoc/>
    public int RenderHeight => Width;

    /// <inheritdoc/>
    public void Render(Span<byte> rgb)
    {
        if (rgb.Length != Width * Width * 3)
        {
            throw new ArgumentException(
                $"Expected a span of {Width * Width * 3} bytes for [{Width}, {Width}, 3], got {rgb.Length} bytes.", nameof(rgb));
        }

        _phase.ThrowIfNew(Spec, nameof(Render));
        Observe(_seen);
        rgb.Clear();
        for (int channel = 0; channel < _rules.Channels; channel++)
            for (int cell = 0; cell < CellPicture.Cells; cell++)
                if (_seen[channel * CellPicture.Cells + cell] != 0)
                    Fill(rgb, cell / CellPicture.Side, cell % CellPicture.Side, s_colors[channel]);
    }

    // A pixel is left black at the right and below, so that cells can be counted.
    private static void Fill(Span<byte> rgb, int row, int column, ReadOnlySpan<byte> color)
    {
        for (int y = row * PixelsPerCell; y < (row + 1) * PixelsPerCell - 1; y++)
            for (int x = column * PixelsPerCell; x < (column + 1) * PixelsPerCell - 1; x++)
                color.CopyTo(rgb[((y * Width + x) * 3)..]);
    }
}
