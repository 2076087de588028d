namespace Dqn.Networks;

/// <summary>
/// A network for pictures of few cells, such as a board: one convolution (16 filters 3 × 3), 128 hidden units and a value per
/// action, rectifiers between. Source: K. Young, T. Tian, "MinAtar" (2019). Parameters: <c>conv1</c>, <c>fc1</c>,
/// <c>fc2</c>, each <c>.weight</c> and <c>.bias</c>; for others see <see cref="ActionValueOptions"/>.
/// </summary>
public sealed record TinyCnnActionValue : Sequential
{
    /// <summary>Describes the network for pictures, bytes [channels, height, width].</summary>
    /// <param name="channels">What a cell can hold, or how many frames are stacked; at least 1.</param>
    /// <param name="actions">How many actions are valued, at least 1.</param>
    /// <param name="height">Rows, at least 3.</param>
    /// <param name="width">Columns, at least 3.</param>
    /// <param name="options">What it has beyond the paper's; null for nothing.</param>
    /// <exception cref="ArgumentException">A picture too small for the convolution, or a count below 1.</exception>
    public TinyCnnActionValue(
        int channels, int actions, int height = 10, int width = 10, ActionValueOptions? options = null)
        : base(
            [channels, height, width],
            pixels: true,
            (options ?? new ActionValueOptions()).Describe([new Conv2d("conv1", 16, 3, 1)], [128], actions),
            options?.Distribution)
    {
    }
}
