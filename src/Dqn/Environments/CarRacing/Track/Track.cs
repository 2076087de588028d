namespace Dqn.Environments.CarRacing;

/// <summary>A closed road of tiles.</summary>
public sealed class Track
{
    private readonly TrackTile[] _tiles;

    internal Track(TrackTile[] tiles) => _tiles = tiles;

    /// <summary>The tiles in driving order; the car starts on the first.</summary>
    public ReadOnlySpan<TrackTile> Tiles => _tiles;
}
