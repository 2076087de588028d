using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Makes pictures another size: each new pixel is the mean of the area that it covers, rounded to nearest, halves up. [height,
/// width] or [channels, height, width] keep their channels. OpenCV's <c>INTER_AREA</c>; a whole fraction of both sides is
/// what <see cref="Downscale"/> gives.
/// </summary>
/// <example><code>using var small = new Resize(pictures, height: 42, width: 42); // or pictures.WithResize(42, 42)</code></example>
public sealed class Resize : EnvironmentWrapper
{
    private readonly byte[] _pixels;
    private readonly int[] _reduced;
    private readonly AreaAxis _rows, _columns;

    /// <summary>Resizes the observations of <paramref name="inner"/>.</summary>
    /// <param name="inner">
    /// The environment to wrap; its observations are bytes, [height, width] or [channels, height, width].
    /// </param>
    /// <param name="height">Rows of the new pictures, 1 … 4096.</param>
    /// <param name="width">Columns of the new pictures, 1 … 4096.</param>
    /// <exception cref="ArgumentException">The observations are something else.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public Resize(IEnvironment inner, int height, int width)
        : base(inner)
    {
        RequireSide(height, nameof(height));
        RequireSide(width, nameof(width));
        EnvironmentSpec spec = inner.Spec;
        if (spec.ElementType != ElementType.Byte
            || spec.Layout is not (ObservationLayout.Grey or ObservationLayout.ChannelsFirst) || spec.StackedFrames > 1)
        {
            throw new ArgumentException(
                $"{spec.Name}: expected single pictures of [height, width] or [channels, height, width] bytes, got " +
                $"{spec.ElementType} [{string.Join(", ", spec.ObservationShape)}], {spec.Layout}. For [height, width, " +
                "channels] put .WithGreyCrop(…) or .WithChannelsFirst() before it; .WithFrameStack(…) comes after.",
                nameof(inner));
        }

        (_rows, _columns) = (new AreaAxis(spec.ObservationShape[^2], height), new AreaAxis(spec.ObservationShape[^1], width));
        _pixels = new byte[spec.ObservationBytes];
        _reduced = new int[_rows.Source * width];
        Spec = spec with { ObservationShape = [.. spec.ObservationShape.RemoveRange(spec.ObservationShape.Length - 2, 2), height, width] };
    }

    /// <inheritdoc/>
    public override EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public override void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        Inner.Observe(_pixels);
        int source = _rows.Source * _columns.Source, target = _rows.Target * _columns.Target;
        for (int channel = 0; channel * target < observation.Length; channel++)
            ResizePicture(_pixels.AsSpan(channel * source, source), observation.Slice(channel * target, target));
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["height"] = _rows.Target;
        numbers["width"] = _columns.Target;
    }

    // First along the rows, then along the columns: a pixel's sum is at most 255 times the whole picture's area.
    private void ResizePicture(ReadOnlySpan<byte> picture, Span<byte> small)
    {
        int width = _columns.Target;
        for (int row = 0; row < _rows.Source; row++)
        {
            ReadOnlySpan<byte> line = picture.Slice(row * _columns.Source, _columns.Source);
            for (int column = 0; column < width; column++)
            {
                int sum = 0, at = _columns.First(column);
                foreach (int weight in _columns.Weights(column))
                    sum += weight * line[at++];
                _reduced[row * width + column] = sum;
            }
        }

        long area = (long)_rows.Source * _columns.Source;
        for (int row = 0; row < _rows.Target; row++)
        {
            for (int column = 0; column < width; column++)
            {
                long sum = 0;
                int at = _rows.First(row) * width + column;
                foreach (int weight in _rows.Weights(row))
                {
                    sum += (long)weight * _reduced[at];
                    at += width;
                }

                small[row * width + column] = (byte)((2 * sum + area) / (2 * area));
            }
        }
    }

    private static void RequireSide(int side, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, 4096, name);
    }
}
