using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Media;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Makes the film that a file's name asks for: Dqn's own kinds, and .webp and .gif through ImageSharp.</summary>
internal static class FilmFile
{
    /// <summary>Films a lap in real time: a picture for each decision of the agent, four frames of 1/50 s.</summary>
    /// <exception cref="ArgumentException">No such kind of film.</exception>
    public static EpisodeSummary Record(
        IEnvironment environment, Policy policy, ulong track, string path, int maxFrames, CancellationToken cancellationToken)
    {
        using IFrameSink film = Create(path, CarRacingEnvironment.RenderWidth, CarRacingEnvironment.RenderHeight, 12.5);
        return EpisodeFilm.Record(environment, policy, film, track, maxFrames, cancellationToken);
    }

    private static IFrameSink Create(string path, int width, int height, double framesPerSecond)
    {
        string extension = Path.GetExtension(path);
        return extension.ToLowerInvariant() switch
        {
            ".webp" or ".gif" => new AnimatedImageSink(path, width, height, framesPerSecond),
            ".png" or ".apng" or ".webm" or ".mp4" => FrameSink.Create(path, width, height, framesPerSecond),
            _ => throw new ArgumentException(
                $"Cannot make a film named '{path}': expected the extension .webp, .gif, .png or .apng (animated PNG), " +
                $".webm or .mp4 (through ffmpeg), got {(extension.Length == 0 ? "none" : extension)}."),
        };
    }
}
