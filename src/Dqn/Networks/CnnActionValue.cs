namespace Dqn.Networks;

/// <summary>
/// The network of V. Mnih et al., "Human-level control through deep reinforcement learning" (2015): three convolutions
/// (32 filters 8 × 8 stride 4, 64 of 4 × 4 stride 2, 64 of 3 × 3), 512 hidden units and a value per action, rectifiers
/// between. Parameters: <c>conv1</c>, <c>conv2</c>, <c>conv3</c>, <c>fc1</c>, <c>fc2</c>, each <c>.weight</c> and
/// <c>.bias</c>; for others see <see cref="ActionValueOptions"/>.
/// </summary>
public sealed record CnnActionValue : Sequential
{
    /// <summary>Describes the network for stacked grey frames, bytes [channels, height, width].</summary>
    /// <param name="channels">How many frames are stacked, at least 1.</param>
    /// <param name="actions">How many actions are valued, at least 1.</param>
    /// <param name="height">Rows of a frame, at least 36.</param>
    /// <param name="width">Columns of a frame, at least 36.</param>
    /// <param name="options">What it has beyond the paper's; null for nothing.</param>
    /// <exception cref="ArgumentException">A frame too small for the convolutions, or a count below 1.</exception>
    public CnnActionValue(
        int channels, int actions, int height = 84, int width = 84, ActionValueOptions? options = null)
        : base(
            [channels, height, width],
            pixels: true,
            (options ?? new ActionValueOptions()).Describe(
                [new Conv2d("conv1", 32, 8, 4), new Conv2d("conv2", 64, 4, 2), new Conv2d("conv3", 64, 3, 1)], [512],
                actions),
            options?.Distribution)
    {
    }
}
