using Dqn.Files;

namespace Dqn.Media;

/// <summary>Writes PNG pictures, 8 bits per channel, not interlaced.</summary>
public static class PngEncoder
{
    /// <summary>Writes a picture to a file: whole, or not at all.</summary>
    /// <param name="path">The file, replaced when it exists.</param>
    /// <param name="pixels">[height × width × channels] bytes, rows from the top.</param>
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">What a pixel's bytes are.</param>
    /// <exception cref="ArgumentException">
    /// A size is not positive, or <paramref name="pixels"/> has another length.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static void Save(string path, ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format)
    {
        PngImage.CheckSize(pixels.Length, width, height, format);
        using var file = new ReplacingFile(path);
        Write(file.Stream, pixels, width, height, format);
        file.Commit();
    }

    /// <summary>Writes a picture to a stream, from its current position.</summary>
    /// <param name="stream">Left open.</param>
    /// <param name="pixels">[height × width × channels] bytes, rows from the top.</param>
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">What a pixel's bytes are.</param>
    /// <exception cref="ArgumentException">
    /// A size is not positive, or <paramref name="pixels"/> has another length.
    /// </exception>
    public static void Write(Stream stream, ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format)
    {
        ArgumentNullException.ThrowIfNull(stream);
        PngImage.CheckSize(pixels.Length, width, height, format);
        int rowBytes = width * (int)format;
        PngChunks.WriteHeader(stream, width, height, format);
        ReadOnlySpan<byte> data = new PngCompressor().Compress(pixels, rowBytes, rowBytes, height, (int)format);
        PngChunks.Write(stream, "IDAT"u8, data);
        PngChunks.Write(stream, "IEND"u8, default);
    }
}
