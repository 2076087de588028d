using System.Text.Json.Nodes;
using Dqn.Randomness;

namespace Dqn.CarRacing;

/// <summary>Says where episodes begin, if not on the first tile as in Gymnasium: for training, a curriculum or a test.</summary>
/// <example><code>
/// using var environment = new CarRacingEnvironment(start: new LostStart(0.25)); // in a quarter of the episodes
/// </code></example>
public interface IEpisodeStart
{
    /// <summary>What it is, as data: its kind and its numbers, for <see cref="CarRacingEnvironment.Describe"/>.</summary>
    JsonObject Describe();

    /// <summary>Where the next episode begins; null for Gymnasium's start.</summary>
    /// <param name="track">The episode's track, drawn just before.</param>
    /// <param name="random">The environment's random stream, for whatever is drawn.</param>
    EpisodeStart? Draw(Track track, Pcg64 random);
}
