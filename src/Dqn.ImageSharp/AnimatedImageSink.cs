using Dqn.Files;

namespace Dqn.Media;

/// <summary>
/// An animated WebP or GIF, its pictures encoded by SixLabors.ImageSharp. Written as frames come: memory holds one frame
/// however long the film. Of each frame only the rectangle that changed is stored.
/// </summary>
/// <remarks>
/// WebP is lossless unless <see cref="AnimatedImageOptions.Quality"/> is set. GIF has at most 256 colours a frame: a
/// frame (its changed rectangle) of no more keeps them exactly, another gets the nearest of 256 chosen for it.
/// ImageSharp 2.1 writes no animated WebP and holds a GIF's frames in memory, so each frame is encoded as a still
/// picture and the file is put together here.
/// Sources: WebP Container Specification (animation); GIF89a Specification.
/// </remarks>
public sealed class AnimatedImageSink : IFrameSink
{
    private readonly ReplacingFile _file;
    private readonly IAnimationFile _animation;
    private readonly double _framesPerSecond;
    private readonly byte[] _previous;
    private readonly byte[] _rgba;
    private readonly int _alignment;
    private bool _ended;
    private bool _disposed;

    /// <summary>Starts a film.</summary>
    /// <param name="path"><c>.webp</c> or <c>.gif</c>; replaced when the film is complete.</param>
    /// <param name="width">Pixels per row of every frame, at least 1; at most 16,383 (WebP) or 65,535 (GIF).</param>
    /// <param name="height">Rows of every frame, with the same bounds.</param>
    /// <param name="framesPerSecond">
    /// Frames shown per second; WebP counts milliseconds and takes at most 1000, GIF hundredths and at most 50 (browsers
    /// slow down what is faster). Rounding does not add up: some frames are shown for one unit longer than others.
    /// </param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// Another extension, a number out of its range, or a <see cref="AnimatedImageOptions.Quality"/> for a GIF.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public AnimatedImageSink(
        string path, int width, int height, double framesPerSecond, AnimatedImageOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new AnimatedImageOptions();
        string extension = Path.GetExtension(path).ToLowerInvariant();
        IAnimationFile animation = extension switch
        {
            ".webp" => new AnimatedWebP(options),
            ".gif" => new AnimatedGif(options),
            _ => throw new ArgumentException(
                $"Cannot make an animation named '{path}': expected the extension .webp or .gif, got " +
                $"{(extension.Length == 0 ? "none" : extension)}. FrameSink.Create makes .png, .webm and .mp4.",
                nameof(path)),
        };
        if (extension == ".gif" && options.Quality is not null)
        {
            throw new ArgumentException(
                $"Expected no {nameof(options.Quality)} for a GIF, which has none, got {options.Quality}: leave it null " +
                "or make a .webp.", nameof(options));
        }

        CheckSize(width, animation.MaximumSize, extension, nameof(width));
        CheckSize(height, animation.MaximumSize, extension, nameof(height));
        if (4L * width * height > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width), $"Expected at most {Array.MaxLength / 4} pixels a frame, got {width} × {height}.");
        }

        // A frame's duration has to be at least one unit and to fit its field.
        double slowest = (double)animation.UnitsPerSecond / animation.MaximumDuration;
        if (!(framesPerSecond >= slowest && framesPerSecond <= animation.MaximumFramesPerSecond))
        {
            throw new ArgumentOutOfRangeException(
                nameof(framesPerSecond), framesPerSecond,
                $"Expected {slowest:0.#####} to {animation.MaximumFramesPerSecond} frames per second in {extension}.");
        }

        (Width, Height, _framesPerSecond, _animation) = (width, height, framesPerSecond, animation);
        _alignment = animation.Alignment;
        _previous = new byte[3 * width * height];
        _rgba = new byte[4 * width * height];
        _file = new ReplacingFile(path, seeks: true);
    }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Height { get; }

    /// <inheritdoc/>
    public int FrameCount { get; private set; }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        CheckOpen();
        if (rgb.Length != 3 * Width * Height)
        {
            throw new ArgumentException(
                $"Expected {3 * Width * Height} bytes for {Width} × {Height} RGB pixels, got {rgb.Length}. " +
                "Every frame of a film has the size that the sink was made with.", nameof(rgb));
        }

        _ended = true; // until the frame is whole: after a write that failed there is no going on
        if (FrameCount == 0)
            _animation.Begin(_file.Stream, Width, Height);
        PixelRectangle changed = FrameCount == 0
            ? new(0, 0, Width, Height)
            : Align(PixelRectangle.Changed(_previous, rgb, Width, Height));
        Memory<byte> pixels = _rgba.AsMemory(0, 4 * changed.Width * changed.Height);
        Opaque(rgb, changed, pixels.Span);
        _animation.Add(_file.Stream, changed, pixels, (int)(Units(FrameCount + 1) - Units(FrameCount)));

        rgb.CopyTo(_previous);
        FrameCount++;
        _ended = false;
    }

    /// <inheritdoc/>
    public void Complete()
    {
        CheckOpen();
        if (FrameCount == 0)
            throw new InvalidOperationException("A film needs at least one frame: call Add first.");
        _ended = true;
        _animation.End(_file.Stream);
        _file.Commit();
    }

    /// <summary>Leaves nothing behind unless <see cref="Complete"/> was called.</summary>
    public void Dispose()
    {
        _disposed = true;
        _file.Dispose();
    }

    private static void CheckSize(int value, int maximum, string extension, string name)
    {
        if (value < 1 || value > maximum)
        {
            throw new ArgumentOutOfRangeException(
                name, value, $"Expected a {name} of 1 to {maximum} pixels in {extension}.");
        }
    }

    private void CheckOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_ended)
        {
            throw new InvalidOperationException(
                "The film is complete, or writing it has failed: make another AnimatedImageSink for another film.");
        }
    }

    // When a frame begins, in the format's units of time.
    private long Units(int frame) => (long)Math.Round(frame * _animation.UnitsPerSecond / _framesPerSecond);

    private PixelRectangle Align(PixelRectangle area)
    {
        int left = area.Left / _alignment * _alignment, top = area.Top / _alignment * _alignment;
        return new PixelRectangle(left, top, area.Left + area.Width - left, area.Top + area.Height - top);
    }

    private void Opaque(ReadOnlySpan<byte> rgb, PixelRectangle area, Span<byte> rgba)
    {
        int to = 0;
        for (int y = area.Top; y < area.Top + area.Height; y++)
        {
            ReadOnlySpan<byte> row = rgb.Slice(3 * (y * Width + area.Left), 3 * area.Width);
            for (int from = 0; from < row.Length; from += 3, to += 4)
            {
                row.Slice(from, 3).CopyTo(rgba[to..]);
                rgba[to + 3] = byte.MaxValue;
            }
        }
    }
}
