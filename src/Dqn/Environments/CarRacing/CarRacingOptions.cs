namespace Dqn.Environments.CarRacing;

/// <summary>How CarRacing differs from one run to another; the defaults are Gymnasium's CarRacing-v3.</summary>
public sealed record CarRacingOptions
{
    /// <summary>
    /// The part of the tiles beyond which a first visit to the first tile finishes the lap; 0 … 1, by default 0.95.
    /// Having visited all tiles finishes it in any case, and as the car starts on the first tile, that is what happens
    /// (as in Gymnasium).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 1.</exception>
    public double LapCompletePercent
    {
        get;
        init => field = Part(value, nameof(LapCompletePercent));
    } = 0.95;

    /// <summary>
    /// How often an episode starts with the car lost, 0 … 1: at rest anywhere along the road or up to 12 m beside its
    /// middle, heading anywhere. Ahead are 40 to 159 tiles of the lap; all others count as visited, so that it is no use
    /// to drive back. For training, where an agent that drives well gets lost too seldom to learn how one gets back; the
    /// return is then that of the part. Source: exploring starts, R. Sutton, A. Barto, "Reinforcement learning" (2018),
    /// 5.3. By default 0: as in Gymnasium.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 1.</exception>
    public double LostStarts
    {
        get;
        init => field = Part(value, nameof(LostStarts));
    }

    /// <summary>
    /// Whether the colours of road, ground and grass are drawn anew for each episode, from the same random stream as
    /// the track. By default false.
    /// </summary>
    public bool DomainRandomize { get; init; }

    /// <summary>
    /// Whether a finished lap truncates the episode, as in CarRacing-v2, instead of terminating it, as in CarRacing-v3.
    /// By default false.
    /// </summary>
    public bool LapTruncates { get; init; }

    private static double Part(double value, string name) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"Expected a part from 0 to 1, got {value}.");
}
