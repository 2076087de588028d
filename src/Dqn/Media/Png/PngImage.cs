namespace Dqn.Media;

/// <summary>A picture in memory, and PNG files of it.</summary>
public sealed class PngImage
{
    /// <summary>A picture of the given pixels, which are not copied.</summary>
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">What a pixel's bytes are.</param>
    /// <param name="pixels">[height × width × channels] bytes, rows from the top.</param>
    /// <exception cref="ArgumentException">
    /// A size is not positive, or <paramref name="pixels"/> has another length.
    /// </exception>
    public PngImage(int width, int height, PixelFormat format, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        CheckSize(pixels.Length, width, height, format);
        (Width, Height, Format, Pixels) = (width, height, format, pixels);
    }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>What a pixel's bytes are.</summary>
    public PixelFormat Format { get; }

    /// <summary>[height × width × channels] bytes, rows from the top.</summary>
    public byte[] Pixels { get; }

    /// <summary>The channels of one pixel.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such pixel.</exception>
    public ReadOnlySpan<byte> this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(x);
            ArgumentOutOfRangeException.ThrowIfNegative(y);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(x, Width);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
            return Pixels.AsSpan((y * Width + x) * (int)Format, (int)Format);
        }
    }

    /// <summary>Writes a PNG file: whole, or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Save(string path) => PngEncoder.Save(path, Pixels, Width, Height, Format);

    /// <summary>Writes a PNG to a stream, which is left open.</summary>
    public void Write(Stream stream) => PngEncoder.Write(stream, Pixels, Width, Height, Format);

    /// <summary>
    /// Reads a PNG file of 8-bit grey, RGB or RGBA, not interlaced; of an animated one its first frame.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The file is not such a PNG, or damaged, or decoding it would take more memory than 10 times its length and 64 MiB.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static PngImage Load(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        return PngDecoder.Decode(file, file.Length);
    }

    /// <summary>Reads a PNG from a stream to the stream's end.</summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static PngImage Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return PngDecoder.Decode(memory.GetBuffer(), (int)memory.Length);
    }

    internal static void CheckSize(int pixelBytes, int width, int height, PixelFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (!Enum.IsDefined(format))
            throw new ArgumentOutOfRangeException(nameof(format), format, "Expected Grey, Rgb or Rgba.");
        Int128 expected = (Int128)width * height * (int)format;
        if (pixelBytes != expected)
            throw new ArgumentException(
                $"Expected {expected} bytes for {width} × {height} {format} pixels, got {pixelBytes}.", "pixels");
    }
}
