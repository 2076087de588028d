using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Cuts a rectangle out of RGB pixels and turns it grey: [height, width, 3] becomes the rectangle's [height, width].
/// The grey is what OpenCV's <c>cvtColor(…, COLOR_RGB2GRAY)</c> makes of bytes.
/// </summary>
public sealed class GreyCrop : EnvironmentWrapper
{
    private readonly byte[] _pixels;
    private readonly int _top;
    private readonly int _left;
    private readonly int _stride;
    private readonly IGreyView? _view;

    /// <summary>Cuts and greys; the defaults are the part of CarRacing's 96 × 96 that shows the road.</summary>
    /// <param name="inner">The environment to wrap; its observations are [height, width, 3] bytes.</param>
    /// <param name="top">First row kept.</param>
    /// <param name="left">First column kept.</param>
    /// <param name="height">How many rows are kept, at least 1.</param>
    /// <param name="width">How many columns are kept, at least 1.</param>
    /// <exception cref="ArgumentException">The observations are not RGB.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or reaches outside the image.</exception>
    public GreyCrop(IEnvironment inner, int top = 0, int left = 6, int height = 84, int width = 84)
        : base(inner)
    {
        var spec = inner.Spec;
        if (spec.ElementType != ElementType.Byte || spec.LayoutOrNull == ObservationLayout.ChannelsFirst
            || spec.ObservationShape is not [int rows, int columns, 3])
        {
            throw new ArgumentException(
                $"{spec.Name}: expected observations of [height, width, 3] bytes, got " +
                $"[{string.Join(", ", spec.ObservationShape)}] of {spec.ElementType}.",
                nameof(inner));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top, rows - height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(left, columns - width);
        (_top, _left, _stride) = (top, left, columns * 3);
        _view = Picture(inner) is IGreyView view && view.CanObserveGrey(top, left, height, width) ? view : null;
        _pixels = new byte[_view is null ? spec.ObservationBytes : 0];
        Spec = spec with { ObservationShape = [height, width], Layout = ObservationLayout.Grey };
    }

    /// <inheritdoc/>
    public override EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public override void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        if (_view is not null)
        {
            _view.ObserveGrey(observation);
            return;
        }

        Inner.Observe(_pixels);
        int width = Spec.ObservationShape[1];
        for (int row = 0; row < Spec.ObservationShape[0]; row++)
        {
            ToGrey(
                _pixels.AsSpan((_top + row) * _stride + _left * 3, width * 3),
                observation.Slice(row * width, width));
        }
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["top"] = _top;
        numbers["left"] = _left;
        numbers["height"] = Spec.ObservationShape[0];
        numbers["width"] = Spec.ObservationShape[1];
    }

    // The environment whose picture passes through the wrappers unchanged.
    private static IEnvironment Picture(IEnvironment environment)
    {
        while (environment is EnvironmentWrapper { KeepsObservations: true } wrapper)
            environment = wrapper.Inner;
        return environment;
    }

    /// <summary>OpenCV's fixed-point 0.299 R + 0.587 G + 0.114 B, rounded to nearest.</summary>
    internal static void ToGrey(ReadOnlySpan<byte> rgb, Span<byte> grey)
    {
        const int shift = 15, red = 9798, green = 19235, blue = 3735;
        for (int i = 0; i < grey.Length; i++)
        {
            var pixel = rgb.Slice(i * 3, 3);
            grey[i] = (byte)((pixel[0] * red + pixel[1] * green + pixel[2] * blue + (1 << (shift - 1))) >> shift);
        }
    }
}
