namespace Dqn.CarRacing;

/// <summary>The coloured kerb beside a tile on a hard turn.</summary>
public enum TrackBorder
{
    /// <summary>No kerb.</summary>
    None,

    /// <summary>A white kerb (even tiles).</summary>
    White,

    /// <summary>A red kerb (odd tiles).</summary>
    Red,
}

/// <summary>One tile of the road, in driving order.</summary>
/// <param name="Alpha">Polar angle of the tile's point about the origin, radians.</param>
/// <param name="Beta">Direction perpendicular to the road, radians.</param>
/// <param name="X">Centre of the tile's leading edge, metres.</param>
/// <param name="Y">Centre of the tile's leading edge, metres.</param>
/// <param name="Road">Left and right of this point, then right and left of the previous one.</param>
/// <param name="Border">Whether a kerb lies beside the tile, and which colour.</param>
/// <param name="BorderQuad">The kerb's corners; all zero without one.</param>
public readonly record struct TrackTile(
    double Alpha, double Beta, double X, double Y, Quad Road, TrackBorder Border, Quad BorderQuad);
