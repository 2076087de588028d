namespace Dqn.Media;

/// <summary>Makes the <see cref="IFrameSink"/> that a file's name asks for.</summary>
public static class FrameSink
{
    /// <summary>
    /// Starts a film: <c>.png</c> and <c>.apng</c> as animated PNG, <c>.webm</c> and <c>.mp4</c> through ffmpeg.
    /// <c>.webp</c> and <c>.gif</c> are what the package Dqn.ImageSharp is for: its <c>AnimatedImageSink</c>.
    /// </summary>
    /// <param name="path">The file, replaced when the film is complete.</param>
    /// <param name="width">Pixels per row of every frame, at least 1.</param>
    /// <param name="height">Rows of every frame, at least 1.</param>
    /// <param name="framesPerSecond">Frames shown per second, above 0 to 1000.</param>
    /// <exception cref="ArgumentException">The extension is none of those, or a number out of its range.</exception>
    /// <exception cref="VideoEncodingException">A video is asked for and ffmpeg is not there.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static IFrameSink Create(string path, int width, int height, double framesPerSecond)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string extension = Path.GetExtension(path);
        return extension.ToLowerInvariant() switch
        {
            ".png" or ".apng" => new AnimatedPngSink(path, width, height, framesPerSecond),
            ".webm" or ".mp4" => new VideoSink(path, width, height, framesPerSecond),
            ".webp" or ".gif" => throw new ArgumentException(
                $"Cannot make a film named '{path}': {extension} needs the package Dqn.ImageSharp, its AnimatedImageSink.",
                nameof(path)),
            _ => throw new ArgumentException(
                $"Cannot make a film named '{path}': expected the extension .png or .apng (animated PNG), " +
                $".webm or .mp4 (through ffmpeg), got {(extension.Length == 0 ? "none" : extension)}.", nameof(path)),
        };
    }

    internal static void CheckSize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (3L * width * height > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(width), $"A frame of {width} × {height} pixels is too large.");
    }

    internal static void CheckFrame(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (rgb.Length != 3 * width * height)
            throw new ArgumentException(
                $"Expected {3 * width * height} bytes for {width} × {height} RGB pixels, got {rgb.Length}.",
                nameof(rgb));
    }
}
