using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>The network for a kind of observation where none was named.</summary>
internal static class DefaultArchitecture
{
    // What the convolutions of TinyCnnActionValue and CompactCnnActionValue need, and from where on CnnActionValue's see enough
    // at once.
    private const int Least = 3, Compact = 27, Large = 60;

    /// <summary>
    /// For numbers two hidden layers of 128 units; for pictures <see cref="CnnActionValue"/>, for small ones
    /// <see cref="CompactCnnActionValue"/>, for those of few cells <see cref="TinyCnnActionValue"/>.
    /// </summary>
    /// <exception cref="ArgumentException">Observations of another kind: the message names the cure.</exception>
    public static Sequential For(EnvironmentSpec spec, ActionValueOptions options)
    {
        if (spec.ElementType == ElementType.Single)
            return new MlpActionValue(spec.ObservationLength, spec.ActionCount, options, 128, 128);
        if (spec is { Layout: ObservationLayout.ChannelsFirst, ObservationShape: [int channels, int height, int width] }
            && Math.Min(height, width) >= Least)
        {
            return Math.Min(height, width) switch
            {
                >= Large => new CnnActionValue(channels, spec.ActionCount, height, width, options),
                >= Compact => new CompactCnnActionValue(channels, spec.ActionCount, height, width, options),
                _ => new TinyCnnActionValue(channels, spec.ActionCount, height, width, options),
            };
        }

        string cure = spec.Layout switch
        {
            ObservationLayout.ChannelsLast or ObservationLayout.Grey =>
                "Wrap the environment: .WithPixels(84, 84) makes stacks of such pictures that are trainable.",
            ObservationLayout.ChannelsFirst =>
                "Wrap the environment: .WithPixels(42, 42) makes them larger; or make a network of your own and use the " +
                "constructor.",
            _ => "Give such lists as single-precision numbers, or make a network of your own and use the constructor.",
        };
        throw new ArgumentException(
            $"{spec.Name}: expected numbers, or pictures [channels, height, width] of at least {Least} × {Least} pixels, got " +
            $"bytes [{string.Join(", ", spec.ObservationShape)}], {spec.Layout}. {cure}", nameof(spec));
    }
}
