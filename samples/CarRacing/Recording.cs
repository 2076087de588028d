using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Media;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>An episode as a film of the 600 × 400 picture, in real time.</summary>
internal static class Recording
{
    /// <summary>Drives the track of a seed and films it.</summary>
    /// <param name="environment">The task, as the policy sees it.</param>
    /// <param name="policy">Who drives.</param>
    /// <param name="seed">Which track.</param>
    /// <param name="path">The film: .webm, .mp4, .webp, .gif or .png.</param>
    /// <param name="maxFrames">Ends the film after so many frames of the environment.</param>
    /// <param name="cancellationToken">Ends the film early; what has been filmed is kept.</param>
    /// <returns>The return and the number of frames driven.</returns>
    public static (double Return, int Frames) Make(
        FrameStack environment, Policy policy, ulong seed, string path, int maxFrames,
        CancellationToken cancellationToken = default)
    {
        CarRacingEnvironment car = environment.Find<CarRacingEnvironment>()!;
        EpisodeStatistics statistics = environment.Find<EpisodeStatistics>()!;
        const int Width = CarRacingEnvironment.RenderWidth, Height = CarRacingEnvironment.RenderHeight;

        // One picture for each decision of the agent: four frames of 1/50 s.
        using IFrameSink film = FilmFile.Create(path, Width, Height, 12.5);
        var picture = new byte[Width * Height * 3];
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Reset(seed);
        StepResult result = default;
        while (true)
        {
            car.Render(picture);
            film.Add(picture);
            if (result.Ended || statistics.Frames >= maxFrames || cancellationToken.IsCancellationRequested)
                break;
            environment.Observe(observation);
            result = environment.Step(policy(observation, []));
        }

        film.Complete();
        return (statistics.Return, statistics.Frames);
    }
}
