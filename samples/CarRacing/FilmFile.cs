using Dqn.Media;

namespace Dqn.Samples.CarRacing;

/// <summary>Makes the film that a file's name asks for: Dqn's own kinds, and .webp and .gif through ImageSharp.</summary>
internal static class FilmFile
{
    /// <summary>Starts a film.</summary>
    /// <exception cref="ArgumentException">No such kind of film.</exception>
    public static IFrameSink Create(string path, int width, int height, double framesPerSecond)
    {
        return Path.GetExtension(path).ToLowerInvariant() is ".webp" or ".gif"
            ? new AnimatedImageSink(path, width, height, framesPerSecond)
            : FrameSink.Create(path, width, height, framesPerSecond);
    }
}
