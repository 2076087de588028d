using System.Text.Json.Nodes;

namespace Dqn.CarRacing;

/// <summary>How CarRacing differs from one run to another; the defaults are Gymnasium's CarRacing-v3.</summary>
/// <example><code>
/// using var environment = new CarRacingEnvironment(new CarRacingOptions { DomainRandomize = true });
/// </code></example>
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
    /// Whether the colours of road, ground and grass are drawn anew for each episode, from the same random stream as
    /// the track. By default false.
    /// </summary>
    public bool DomainRandomize { get; init; }

    /// <summary>
    /// Whether a finished lap truncates the episode, as in CarRacing-v2, instead of terminating it, as in CarRacing-v3.
    /// By default false.
    /// </summary>
    public bool LapTruncates { get; init; }

    /// <summary>The options as data.</summary>
    internal JsonObject Describe() => new()
    {
        ["lapCompletePercent"] = LapCompletePercent,
        ["domainRandomize"] = DomainRandomize,
        ["lapTruncates"] = LapTruncates,
    };

    private static double Part(double value, string name) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"Expected a part from 0 to 1, got {value}.");
}
