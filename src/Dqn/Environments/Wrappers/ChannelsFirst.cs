namespace Dqn.Environments;

/// <summary>
/// Puts a picture's channels one after the other, as convolutions take them: [height, width, channels] becomes
/// [channels, height, width].
/// </summary>
public sealed class ChannelsFirst : EnvironmentWrapper
{
    private readonly byte[] _pixels;
    private readonly int _channels;

    /// <summary>Reorders the observations of <paramref name="inner"/>.</summary>
    /// <param name="inner">The environment to wrap; its observations are bytes, [height, width, channels].</param>
    /// <exception cref="ArgumentException">The observations are something else.</exception>
    public ChannelsFirst(IEnvironment inner)
        : base(inner)
    {
        EnvironmentSpec spec = inner.Spec;
        if (spec is not { ElementType: ElementType.Byte, Layout: ObservationLayout.ChannelsLast, ObservationShape: [int height, int width, int channels] })
        {
            throw new ArgumentException(
                $"{spec.Name}: expected observations of [height, width, channels] bytes, got {spec.ElementType} " +
                $"[{string.Join(", ", spec.ObservationShape)}], {spec.Layout}.", nameof(inner));
        }

        _channels = channels;
        _pixels = new byte[spec.ObservationBytes];
        Spec = spec with { ObservationShape = [channels, height, width], Layout = ObservationLayout.ChannelsFirst };
    }

    /// <inheritdoc/>
    public override EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public override void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        Inner.Observe(_pixels);
        int area = observation.Length / _channels;
        for (int channel = 0; channel < _channels; channel++)
        {
            Span<byte> plane = observation.Slice(channel * area, area);
            for (int pixel = 0, at = channel; pixel < plane.Length; pixel++, at += _channels)
                plane[pixel] = _pixels[at];
        }
    }
}
