namespace Dqn.Networks;

/// <summary>
/// The network of V. Mnih et al., "Playing Atari with deep reinforcement learning" (2013), several times faster than
/// <see cref="CnnActionValue"/>: two convolutions (16 filters 8 × 8 stride 4, 32 of 4 × 4 stride 2), 256 hidden units
/// and a value per action, rectifiers between. Parameters: <c>conv1</c>, <c>conv2</c>, <c>fc1</c>, <c>fc2</c>, each
/// <c>.weight</c> and <c>.bias</c>; for others see <see cref="ActionValueOptions"/>.
/// </summary>
public sealed record SmallCnnActionValue : Sequential
{
    /// <summary>Describes the network for stacked grey frames, bytes [channels, height, width].</summary>
    /// <param name="channels">How many frames are stacked, at least 1.</param>
    /// <param name="actions">How many actions are valued, at least 1.</param>
    /// <param name="height">Rows of a frame, at least 20.</param>
    /// <param name="width">Columns of a frame, at least 20.</param>
    /// <param name="options">What it has beyond the paper's; null for nothing.</param>
    /// <exception cref="ArgumentException">A frame too small for the convolutions, or a count below 1.</exception>
    public SmallCnnActionValue(
        int channels, int actions, int height = 84, int width = 84, ActionValueOptions? options = null)
        : base(
            [channels, height, width],
            pixels: true,
            (options ?? new ActionValueOptions()).Describe(
                [new Conv2d("conv1", 16, 8, 4), new Conv2d("conv2", 32, 4, 2)], [256], actions),
            options?.Distribution)
    {
    }
}
