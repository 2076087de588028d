using Dqn.Media;

namespace Dqn.Samples.CarRacing;

/// <summary>Makes the film that a file's name asks for: Dqn's own kinds, and .webp and .gif where the adapters are built in.</summary>
internal static class FilmFile
{
    /// <summary>Starts a film.</summary>
    /// <exception cref="ArgumentException">No such kind of film, or not in this build.</exception>
    public static IFrameSink Create(string path, int width, int height, double framesPerSecond)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".webp" or ".gif"))
            return FrameSink.Create(path, width, height, framesPerSecond);
        return new AnimatedImageSink(path, width, height, framesPerSecond);
    }
}
