using Dqn.Environments;

namespace Dqn.CarRacing;

/// <summary>
/// The task as an agent sees it: the notebook's, or what makes it easier to learn without changing it. 1000 frames at
/// most, counted by <see cref="EpisodeStatistics"/>, of which the first 50 do nothing; then every action holds for 4;
/// observed as the last 4 grey pictures of 84 × 84, [4, 84, 84].
/// </summary>
/// <example><code>using FrameStack environment = new PixelPipeline { Downscale = 2 }.Create();</code></example>
public sealed record PixelPipeline
{
    /// <summary>How many frames an action holds for.</summary>
    public const int FramesPerStep = 4;

    /// <summary>After how many frames an episode is truncated, at least 1. Default 1000, Gymnasium's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Frames
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(Frames), value, "at least 1");
    } = 1000;

    /// <summary>
    /// How many frames do nothing at first, 0 … <see cref="MaxNoOpFrames"/>. Each costs 0.1: an agent that drives from
    /// the first frame on, while the camera still zooms, can have 5 more than with the default, the notebook's 50.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int NoOpFrames
    {
        get;
        init => field = value is >= 0 and <= MaxNoOpFrames
            ? value
            : throw OutOfRange(nameof(NoOpFrames), value, $"0 … {MaxNoOpFrames}");
    } = 50;

    /// <summary>The most that <see cref="NoOpFrames"/> may be: twenty seconds, a whole episode.</summary>
    public const int MaxNoOpFrames = 1000;

    /// <summary>
    /// What the sides of the grey pictures are divided by (<see cref="Environments.Downscale"/>): a divisor of 84. With 2
    /// observations are [4, 42, 42]. Default 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a divisor of 84.</exception>
    public int Downscale
    {
        get;
        init => field = value >= 1 && 84 % value == 0
            ? value
            : throw OutOfRange(nameof(Downscale), value, "a divisor of 84");
    } = 1;

    /// <summary>
    /// Whether the tones between a visited tile's, 102, and the others', up to 107, are spread to between 40 and 200
    /// (<see cref="ToneCurve"/>), so that unvisited road stands out from visited road. Default false.
    /// </summary>
    public bool TileContrast { get; init; }

    /// <summary>Makes the environment.</summary>
    /// <param name="options">Null for Gymnasium's CarRacing-v3.</param>
    /// <param name="dynamics">Null for the ones that reproduce Box2D 2.3 exactly.</param>
    /// <param name="start">Where episodes begin; null for the first tile.</param>
    /// <param name="shape">
    /// Wraps what there is below the pictures, whose steps are the agent's: for wrappers that training alone has, such as
    /// <see cref="Training.LapShaping"/>. Null for none.
    /// </param>
    public FrameStack Create(
        CarRacingOptions? options = null, ICarDynamics? dynamics = null, IEpisodeStart? start = null,
        Func<IEnvironment, IEnvironment>? shape = null)
    {
        IEnvironment task = new CarRacingEnvironment(options, dynamics, start)
            .WithTimeLimit(Frames)
            .WithStatistics()
            .WithNoOpStart(NoOpFrames)
            .WithFrameSkip(FramesPerStep);
        IEnvironment grey = (shape is null ? task : shape(task)).WithGreyCrop();
        if (TileContrast)
            grey = grey.WithToneCurve((0, 0), (95, 40), (112, 200), (255, 255));
        return (Downscale == 1 ? grey : grey.WithDownscale(Downscale)).WithFrameStack(4);
    }

    private static ArgumentOutOfRangeException OutOfRange(string property, int value, string expected) =>
        new(property, value, $"{nameof(PixelPipeline)}.{property}: expected {expected}, got {value}.");
}
