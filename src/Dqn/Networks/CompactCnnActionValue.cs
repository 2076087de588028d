namespace Dqn.Networks;

/// <summary>
/// A network for small pictures, about a tenth of <see cref="CnnActionValue"/>'s work: three convolutions (16 filters
/// 6 × 6 stride 3, 32 of 4 × 4 stride 2, 64 of 3 × 3), 256 hidden units and a value per action, rectifiers between.
/// Made for frames of half the usual side, of which its filters see what those of the larger networks see of whole
/// ones. Parameters: <c>conv1</c>, <c>conv2</c>, <c>conv3</c>, <c>fc1</c>, <c>fc2</c>, each
/// <c>.weight</c> and <c>.bias</c>; for others see <see cref="ActionValueOptions"/>.
/// </summary>
public sealed record CompactCnnActionValue : Sequential
{
    /// <summary>Describes the network for stacked grey frames, bytes [channels, height, width].</summary>
    /// <param name="channels">How many frames are stacked, at least 1.</param>
    /// <param name="actions">How many actions are valued, at least 1.</param>
    /// <param name="height">Rows of a frame, at least 27.</param>
    /// <param name="width">Columns of a frame, at least 27.</param>
    /// <param name="options">What it has beyond the plain network; null for nothing.</param>
    /// <exception cref="ArgumentException">A frame too small for the convolutions, or a count below 1.</exception>
    public CompactCnnActionValue(
        int channels, int actions, int height = 42, int width = 42, ActionValueOptions? options = null)
        : base(
            [channels, height, width],
            pixels: true,
            (options ?? new ActionValueOptions()).Describe(
                [new Conv2d("conv1", 16, 6, 3), new Conv2d("conv2", 32, 4, 2), new Conv2d("conv3", 64, 3, 1)], [256],
                actions),
            options?.Distribution)
    {
    }
}
