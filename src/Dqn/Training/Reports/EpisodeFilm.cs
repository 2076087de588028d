using Dqn.Environments;
using Dqn.Media;

namespace Dqn.Training;

/// <summary>An episode as a film: any environment that can draw itself (<see cref="IRenderable"/>), any policy.</summary>
/// <example><code>
/// using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
/// using var film = new AnimatedPngSink("balance.png", 600, 400, framesPerSecond: 50);
/// EpisodeSummary episode = EpisodeFilm.Record(environment, policy.Act, film, seed: 1);
/// </code></example>
public static class EpisodeFilm
{
    /// <summary>
    /// Plays an episode and adds a picture before each step and after the last, then completes the film; where it throws,
    /// the film is left incomplete.
    /// </summary>
    /// <param name="environment">Whose episode; it stays the caller's. What draws it may lie under wrappers.</param>
    /// <param name="policy">Who acts.</param>
    /// <param name="film">Of the size that the environment draws; it stays the caller's.</param>
    /// <param name="seed">The episode's; null goes on with the environment's random stream.</param>
    /// <param name="maxFrames">
    /// Ends the film after so many steps of the task, those that a <see cref="FrameSkip"/> makes counted where there is an
    /// <see cref="EpisodeStatistics"/> below it.
    /// </param>
    /// <param name="cancellationToken">Ends the film early; what has been filmed is kept.</param>
    /// <returns>What came of it, as far as it was filmed.</returns>
    /// <exception cref="ArgumentException">Nothing in the environment can draw, or it draws another size.</exception>
    public static EpisodeSummary Record(
        IEnvironment environment, Policy policy, IFrameSink film, ulong? seed = null, int maxFrames = int.MaxValue,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(film);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrames, 1);
        IRenderable renderable = Require(environment, film);
        EpisodeStatistics? statistics = environment.Find<EpisodeStatistics>();
        var picture = new byte[renderable.RenderHeight * renderable.RenderWidth * 3];
        var observation = new byte[environment.Spec.ObservationBytes];
        var legalActions = new bool[environment.Spec.MaskedActions];
        double sum = 0;
        int steps = 0, frames = 0;
        StepResult result = default;
        environment.Reset(seed);
        while (true)
        {
            renderable.Render(picture);
            film.Add(picture);
            if (result.Ended || frames >= maxFrames || cancellationToken.IsCancellationRequested)
                break;
            environment.Observe(observation);
            if (legalActions.Length > 0)
                environment.LegalActions(legalActions);
            result = environment.Step(policy(observation, legalActions));
            sum += result.Reward;
            steps++;
            frames = statistics?.Frames ?? steps;
        }

        film.Complete();
        return new EpisodeSummary(statistics?.Return ?? sum, steps, result.Terminated, result.Truncated, frames);
    }

    private static IRenderable Require(IEnvironment environment, IFrameSink film)
    {
        IRenderable renderable = environment.Find<IRenderable>() ?? throw new ArgumentException(
            $"Expected an environment that draws itself, an {nameof(IRenderable)}, got {environment.Spec.Name}.",
            nameof(environment));
        return (film.Width, film.Height) == (renderable.RenderWidth, renderable.RenderHeight)
            ? renderable
            : throw new ArgumentException(
                $"Expected a film of {renderable.RenderWidth} × {renderable.RenderHeight} pixels, which {environment.Spec.Name} " +
                $"draws, got one of {film.Width} × {film.Height}.", nameof(film));
    }
}
