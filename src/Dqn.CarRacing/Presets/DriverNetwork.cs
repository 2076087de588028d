using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.CarRacing.Presets;

/// <summary>The sizes of network that are known to drive from pixels.</summary>
/// <example><code>var network = new DriverNetwork { Kind = DriverNetworkKind.Small };</code></example>
public enum DriverNetworkKind
{
    /// <summary>Three convolutions and 512 units: V. Mnih et al. (2015), the notebook's.</summary>
    Nature,

    /// <summary>Two convolutions and 256 units: V. Mnih et al. (2013), four times as fast.</summary>
    Small,

    /// <summary>Three convolutions and 256 units over frames of half the side, ten times as fast.</summary>
    Compact,
}

/// <summary>What a driver's network is made of.</summary>
/// <example><code>
/// CarRacingPreset preset = CarRacingPresets.Fast with
/// {
///     Network = new DriverNetwork { Kind = DriverNetworkKind.Compact, Scale = 4 },
/// };
/// </code></example>
public sealed record DriverNetwork
{
    /// <summary>Which one. Default: the notebook's.</summary>
    public DriverNetworkKind Kind { get; init; } = DriverNetworkKind.Nature;

    /// <summary>How many times its filters the compact network has, at least 1. Default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Scale
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(
            nameof(Scale), value, $"{nameof(DriverNetwork)}.{nameof(Scale)}: expected at least 1, got {value}.");
    } = 1;

    /// <summary>What the frames' sides are divided by for it.</summary>
    internal int Downscale => Kind == DriverNetworkKind.Compact ? 2 : 1;

    /// <summary>The layers for an environment's observations and actions, with what the options add.</summary>
    /// <param name="spec">Of a <see cref="PixelPipeline"/>'s environment: [stack, height, width].</param>
    /// <param name="options">Dueling streams, distributions and the like.</param>
    /// <exception cref="ArgumentException">Observations of another kind.</exception>
    public Sequential Build(EnvironmentSpec spec, ActionValueOptions options)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec is not { Layout: ObservationLayout.ChannelsFirst, ObservationShape: [int stack, int height, int width] })
        {
            throw new ArgumentException(
                $"Expected observations of [stack, height, width], got {spec.Name}'s " +
                $"[{string.Join(", ", spec.ObservationShape)}].", nameof(spec));
        }

        return Kind switch
        {
            DriverNetworkKind.Nature => new CnnActionValue(stack, spec.ActionCount, height, width, options),
            DriverNetworkKind.Small => new SmallCnnActionValue(stack, spec.ActionCount, height, width, options),
            _ => new CompactCnnActionValue(stack, spec.ActionCount, height, width, options, Scale),
        };
    }
}
