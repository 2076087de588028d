namespace Dqn.Networks;

/// <summary>
/// What goes from one layer to the next: images, which lie [row, column, channel] even where PyTorch has flattened
/// them, or features, an image of one pixel.
/// </summary>
internal readonly record struct ItemLayout(int Channels, int Height, int Width, bool IsFlat)
{
    /// <summary>PyTorch's.</summary>
    public long[] Shape => IsFlat ? [(long)Channels * Height * Width] : [Channels, Height, Width];

    /// <summary>Numbers of one item.</summary>
    public int Length => checked(Channels * Height * Width);

    /// <summary>Whether the order here is another than PyTorch's.</summary>
    public bool IsReordered => Channels > 1 && Height * Width > 1;

    public static ItemLayout Of(int features) => new(features, 1, 1, IsFlat: true);
}
