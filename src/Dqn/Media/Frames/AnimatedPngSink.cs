using System.Buffers.Binary;
using Dqn.Files;

namespace Dqn.Media;

/// <summary>
/// An animated PNG (APNG): without loss, shown by every browser, needs no other program. Written as frames come: memory
/// holds one frame however long the film. Of each frame only the rectangle that changed is stored.
/// Source: Portable Network Graphics (PNG) Specification, third edition, sections 4.9 and 11.3.4.
/// </summary>
/// <example><code>
/// using var film = new AnimatedPngSink("drive.png", width: 96, height: 96, framesPerSecond: 50);
/// film.Add(rgb); // for each frame
/// film.Complete();
/// </code></example>
public sealed class AnimatedPngSink : IFrameSink
{
    private readonly ReplacingFile _file;
    private readonly FrameRate _rate;
    private readonly int _loops;
    private readonly byte[] _previous;
    private readonly PngCompressor _compressor = new();
    private int _sequence;
    private bool _ended;
    private bool _disposed;

    /// <summary>Starts a film.</summary>
    /// <param name="path">The file, replaced when the film is complete.</param>
    /// <param name="width">Pixels per row of every frame, at least 1.</param>
    /// <param name="height">Rows of every frame, at least 1.</param>
    /// <param name="framesPerSecond">
    /// Frames shown per second, above 0 to 1000. Browsers slow down above 50 or 60.
    /// </param>
    /// <param name="loops">How often the film is played; 0: for ever.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public AnimatedPngSink(string path, int width, int height, double framesPerSecond, int loops = 0)
    {
        FrameSink.CheckSize(width, height);
        _rate = FrameRate.From(framesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(loops);
        (Width, Height, _loops) = (width, height, loops);
        _previous = new byte[3 * width * height];
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
        FrameSink.CheckFrame(rgb, Width, Height);
        _ended = true; // until the frame is whole: after a write that failed there is no going on
        if (FrameCount == 0)
        {
            PngChunks.WriteHeader(_file.Stream, Width, Height, PixelFormat.Rgb);
            WriteAnimationControl(0); // the number of frames is known at the end
        }

        PixelRectangle changed =
            FrameCount == 0 ? new(0, 0, Width, Height) : PixelRectangle.Changed(_previous, rgb, Width, Height);
        WriteFrameControl(changed);

        ReadOnlySpan<byte> data = _compressor.Compress(
            rgb[(3 * (changed.Top * Width + changed.Left))..], 3 * Width, 3 * changed.Width, changed.Height, 3);
        if (FrameCount == 0)
        {
            PngChunks.Write(_file.Stream, "IDAT"u8, data);
        }
        else
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, _sequence++);
            PngChunks.Write(_file.Stream, "fdAT"u8, number, data);
        }

        rgb.CopyTo(_previous);
        FrameCount++;
        _ended = false;
    }

    /// <inheritdoc/>
    public void Complete()
    {
        CheckOpen();
        if (FrameCount == 0)
            throw new InvalidOperationException("A film needs at least one frame.");
        _ended = true;
        PngChunks.Write(_file.Stream, "IEND"u8, default);
        _file.Stream.Position = PngChunks.HeaderBytes;
        WriteAnimationControl(FrameCount);
        _file.Commit();
    }

    /// <summary>Leaves nothing behind unless <see cref="Complete"/> was called.</summary>
    public void Dispose()
    {
        _disposed = true;
        _file.Dispose();
    }

    private void CheckOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_ended)
            throw new InvalidOperationException("The film is complete, or writing it has failed.");
    }

    private void WriteAnimationControl(int frames)
    {
        Span<byte> data = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(data, frames);
        BinaryPrimitives.WriteInt32BigEndian(data[4..], _loops);
        PngChunks.Write(_file.Stream, "acTL"u8, data);
    }

    private void WriteFrameControl(PixelRectangle area)
    {
        Span<byte> data = stackalloc byte[26];
        BinaryPrimitives.WriteInt32BigEndian(data, _sequence++);
        BinaryPrimitives.WriteInt32BigEndian(data[4..], area.Width);
        BinaryPrimitives.WriteInt32BigEndian(data[8..], area.Height);
        BinaryPrimitives.WriteInt32BigEndian(data[12..], area.Left);
        BinaryPrimitives.WriteInt32BigEndian(data[16..], area.Top);
        BinaryPrimitives.WriteUInt16BigEndian(data[20..], (ushort)_rate.Seconds); // a frame's delay: rate's reciprocal
        BinaryPrimitives.WriteUInt16BigEndian(data[22..], (ushort)_rate.Frames);
        data[24..].Clear(); // keep the picture afterwards; replace, not blend
        PngChunks.Write(_file.Stream, "fcTL"u8, data);
    }
}
