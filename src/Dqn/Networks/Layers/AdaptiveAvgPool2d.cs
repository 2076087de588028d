namespace Dqn.Networks;

/// <summary>
/// The mean of each of so many windows, which cover an image of any size, as <c>torch.nn.AdaptiveAvgPool2d</c>:
/// [channels, height, width] to [channels, <see cref="Height"/>, <see cref="Width"/>]. Window i of n along an axis of
/// m pixels is from ⌊i · m / n⌋ to ⌈(i + 1) · m / n⌉.
/// </summary>
public sealed record AdaptiveAvgPool2d : Layer
{
    /// <summary>Describes the windows.</summary>
    /// <param name="height">Rows of the result, at least 1, at most the image's.</param>
    /// <param name="width">Columns of the result, at least 1, at most the image's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number below 1.</exception>
    public AdaptiveAvgPool2d(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (Height, Width) = (height, width);
    }

    /// <summary>Rows of the result.</summary>
    public int Height { get; }

    /// <summary>Columns of the result.</summary>
    public int Width { get; }
}
