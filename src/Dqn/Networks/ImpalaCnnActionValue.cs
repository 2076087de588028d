using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>
/// The residual network of L. Espeholt et al., "IMPALA" (2018): three sections of 16, 32 and 32 filters times
/// <c>scale</c>, each a convolution 3 × 3, the largest of windows of 3 × 3 at distances of 2, and two
/// <see cref="Residual"/> blocks; then 256 hidden units and a value per action. M. Schwarzer et al., "Bigger, better,
/// faster" (2023) have a scale of 4 and 2,048 units; T. Clark et al., "Beyond the rainbow" (2024) have a scale of 2, 512
/// units, a pool of 6 and spectral normalisation. Parameters: <c>section1_conv</c>, <c>section1_block1_conv1</c>, … <c>fc1</c>,
/// <c>fc2</c>, each <c>.weight</c> and <c>.bias</c>; for others see <see cref="ActionValueOptions"/> and
/// <see cref="Conv2d.SpectralNorm"/>.
/// </summary>
/// <example>
/// "Beyond the rainbow", but for noisy layers:
/// <code>
/// var architecture = new ImpalaCnnActionValue(
///     4, actions, options: new() { Dueling = true, Distribution = new ImplicitQuantileDistribution(8) },
///     scale: 2, hidden: 512, pool: 6, spectralNorm: true);
/// </code></example>
public sealed record ImpalaCnnActionValue : Sequential
{
    /// <summary>Describes the network for stacked frames, bytes [channels, height, width].</summary>
    /// <param name="channels">How many channels the frames stacked have, at least 1.</param>
    /// <param name="actions">How many actions are valued, at least 1.</param>
    /// <param name="height">Rows of a frame, at least 1; with a pool its side must be left after three halvings.</param>
    /// <param name="width">Columns of a frame, likewise.</param>
    /// <param name="options">
    /// What it has beyond the paper's; null for nothing. Layer normalisation stands after each convolution.
    /// </param>
    /// <param name="scale">What the numbers of filters are multiplied with, 1 … 64.</param>
    /// <param name="hidden">How many hidden units, at least 1.</param>
    /// <param name="pool">
    /// To how many rows and columns the last images are reduced by their largest numbers
    /// (<see cref="AdaptiveMaxPool2d"/>), so that features are as many for images of any size; 0 for not at all.
    /// </param>
    /// <param name="spectralNorm">Whether the blocks' convolutions have <see cref="Conv2d.SpectralNorm"/>.</param>
    /// <exception cref="ArgumentException">A frame too small, or a count below 1.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale or the pool is out of its range.</exception>
    public ImpalaCnnActionValue(
        int channels, int actions, int height = 84, int width = 84, ActionValueOptions? options = null, int scale = 1,
        int hidden = 256, int pool = 0, bool spectralNorm = false)
        : base(
            [channels, height, width],
            pixels: true,
            Describe(options ?? new ActionValueOptions(), actions, scale, hidden, pool, spectralNorm),
            options?.Distribution)
    {
    }

    private static ImmutableArray<Layer> Describe(
        ActionValueOptions options, int actions, int scale, int hidden, int pool, bool spectralNorm)
    {
        if (scale is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected a scale of 1 … 64.");
        ArgumentOutOfRangeException.ThrowIfNegative(pool);
        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach ((int filters, int section) in new[] { (16, 1), (32, 2), (32, 3) })
        {
            string name = $"section{section}";
            layers.AddRange(Convolution($"{name}_conv", filters * scale, spectral: false));
            layers.Add(new MaxPool2d(3, 2, 1));
            for (int block = 1; block <= 2; block++)
            {
                layers.Add(new Residual(
                [
                    new Relu(), .. Convolution($"{name}_block{block}_conv1", filters * scale, spectralNorm),
                    new Relu(), .. Convolution($"{name}_block{block}_conv2", filters * scale, spectralNorm),
                ]));
            }
        }

        layers.Add(new Relu());
        if (pool > 0)
            layers.Add(new AdaptiveMaxPool2d(pool, pool));
        layers.Add(new Flatten());
        return options.DescribeHead(layers.ToImmutable(), [hidden], actions);

        IEnumerable<Layer> Convolution(string name, int filters, bool spectral) => options.Normalized(
            name, new Conv2d(name, filters, 3, padding: 1, spectralNorm: spectral));
    }
}
