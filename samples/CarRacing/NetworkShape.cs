using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Samples.CarRacing;

/// <summary>The sizes of network that are known to drive from pixels.</summary>
internal enum NetworkKind
{
    /// <summary>Three convolutions and 512 units: V. Mnih et al. (2015), the notebook's.</summary>
    Nature,

    /// <summary>Two convolutions and 256 units: V. Mnih et al. (2013), four times as fast.</summary>
    Small,

    /// <summary>Three convolutions and 256 units over frames of half the side, ten times as fast.</summary>
    Compact,
}

/// <summary>What a network is made of.</summary>
internal sealed record NetworkShape
{
    public NetworkKind Kind { get; init; } = NetworkKind.Nature;

    /// <summary>How many times its filters the compact network has.</summary>
    public int Scale { get; init; } = 1;

    /// <summary>What the frames' sides are divided by.</summary>
    public int Downscale => Kind == NetworkKind.Compact ? 2 : 1;

    /// <summary>The layers for an environment's observations and actions, with what the options add.</summary>
    public Sequential Build(EnvironmentSpec spec, ActionValueOptions options)
    {
        (int stack, int height, int width) = (spec.ObservationShape[0], spec.ObservationShape[1], spec.ObservationShape[2]);
        return Kind switch
        {
            NetworkKind.Nature => new CnnActionValue(stack, spec.ActionCount, height, width, options),
            NetworkKind.Small => new SmallCnnActionValue(stack, spec.ActionCount, height, width, options),
            _ => new CompactCnnActionValue(stack, spec.ActionCount, height, width, options, Scale),
        };
    }
}
