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
    /// Having visited all tiles finishes it in any case, and as the car starts on the first tile, that is what happens (as in
    /// Gymnasium), unless <see cref="LapEndsOnPercentage"/> is on.
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

    /// <summary>
    /// Whether the lap ends wherever a wheel comes onto the first tile with more than <see cref="LapCompletePercent"/> of the
    /// tiles visited, also if the first was visited before; what Gymnasium discusses in its issue 1269 and pull request 1670.
    /// By default false, as in Gymnasium 1.4.0: only a first visit is looked at, the car starts on the first tile, and so
    /// only a lap without a missed tile ends.
    /// </summary>
    public bool LapEndsOnPercentage { get; init; }

    /// <summary>What the numbered actions do. By default <see cref="CarActions.Gymnasium"/>.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public CarActions Actions
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Actions));
    } = CarActions.Gymnasium;

    /// <summary>The options as data; what others than Gymnasium's task have is named where they have it.</summary>
    internal JsonObject Describe()
    {
        JsonObject description = new()
        {
            ["lapCompletePercent"] = LapCompletePercent,
            ["domainRandomize"] = DomainRandomize,
            ["lapTruncates"] = LapTruncates,
        };
        if (LapEndsOnPercentage)
            description["lapEndsOnPercentage"] = true;
        if (!Actions.Equals(CarActions.Gymnasium))
            description["actions"] = Actions.ToJson();
        return description;
    }

    private static double Part(double value, string name) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"Expected a part from 0 to 1, got {value}.");
}
