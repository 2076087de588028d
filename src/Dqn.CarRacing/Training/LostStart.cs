using System.Text.Json.Nodes;
using Dqn.Randomness;

namespace Dqn.CarRacing.Training;

/// <summary>
/// Starts some episodes with the car lost: at rest anywhere along the road or up to 12 m beside its middle, heading
/// anywhere. Ahead are 40 to 159 tiles of the lap; all others count as visited, so that it is no use to drive back. An
/// agent that drives well gets lost too seldom to learn how one gets back; the return is then that of the part. Source:
/// exploring starts, R. Sutton, A. Barto, "Reinforcement learning" (2018), 5.3.
/// </summary>
public sealed record LostStart : IEpisodeStart
{
    private const double Beside = 12; // Almost twice the road's half width.
    private const int Tiles = 40; // At least so many are ahead.

    /// <summary>Starts a part of the episodes with the car lost.</summary>
    /// <param name="part">How often, 0 … 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 1.</exception>
    public LostStart(double part) => Part = ShapingArguments.Part(part);

    /// <summary>How often an episode starts with the car lost, 0 … 1.</summary>
    public double Part { get; }

    /// <inheritdoc/>
    public JsonObject Describe() => new() { ["kind"] = nameof(LostStart), ["part"] = Part };

    /// <inheritdoc/>
    /// <remarks>Draws one <see cref="Pcg64.NextDouble"/>; of a lost car four more numbers.</remarks>
    public EpisodeStart? Draw(Track track, Pcg64 random)
    {
        ArgumentNullException.ThrowIfNull(track);
        ArgumentNullException.ThrowIfNull(random);
        if (Part == 0 || random.NextDouble() >= Part)
            return null;
        int tiles = track.Tiles.Length, first = random.Integer(tiles - Tiles);
        int end = Math.Min(first + Tiles + random.Integer(3 * Tiles), tiles);
        TrackTile tile = track.Tiles[first];
        double beside = random.Uniform(-Beside, Beside), heading = random.Uniform(-Math.PI, Math.PI);
        (double x, double y) = (beside * DoubleSine.Cosine(tile.Beta), beside * DoubleSine.Sine(tile.Beta));
        return new EpisodeStart(new CarPose(tile.X + x, tile.Y + y, tile.Beta + heading), first, end);
    }
}
