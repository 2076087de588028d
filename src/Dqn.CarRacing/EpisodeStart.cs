namespace Dqn.CarRacing;

/// <summary>An episode's beginning anywhere along the track; the camera has zoomed in by then.</summary>
/// <param name="Pose">Where the car stands, at rest.</param>
/// <param name="FirstTile">The first tile that is still to be visited, 0 … <paramref name="EndTile"/> − 1.</param>
/// <param name="EndTile">
/// The tile behind the last that is still to be visited, at most the number of tiles; all others count as visited.
/// </param>
/// <example>
/// Half a lap, from the middle tile on:
/// <code>
/// TrackTile tile = track.Tiles[track.Tiles.Length / 2];
/// var start = new EpisodeStart(new CarPose(tile.X, tile.Y, tile.Beta), track.Tiles.Length / 2, track.Tiles.Length);
/// </code></example>
public readonly record struct EpisodeStart(CarPose Pose, int FirstTile, int EndTile);
