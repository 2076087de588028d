namespace Dqn.CarRacing;

/// <summary>Where a car is placed, at rest.</summary>
/// <param name="X">Of the hull, metres.</param>
/// <param name="Y">Of the hull, metres.</param>
/// <param name="Angle">0 is along the y axis, radians, counterclockwise.</param>
public readonly record struct CarPose(double X, double Y, double Angle)
{
    // The wheels are then where they would be if the car headed along the y axis; the joints pull them into place in
    // the first step.
    private bool IsReferences { get; init; }

    /// <summary>Where and how every episode of the reference starts: on the first tile, along the road.</summary>
    /// <exception cref="ArgumentException">The track has no tiles.</exception>
    public static CarPose AtStartOf(Track track)
    {
        ArgumentNullException.ThrowIfNull(track);
        if (track.Tiles.IsEmpty)
            throw new ArgumentException("Expected a track with tiles, got none.", nameof(track));
        ref readonly TrackTile first = ref track.Tiles[0];
        return new CarPose(first.X, first.Y, first.Beta) { IsReferences = true };
    }

    /// <summary>Where a wheel is to be created, metres.</summary>
    /// <param name="x">Its place on the hull, metres to the right.</param>
    /// <param name="y">Its place on the hull, metres to the front.</param>
    public (double X, double Y) Wheel(double x, double y)
    {
        if (IsReferences)
            return (X + x, Y + y);
        (double sine, double cosine) = (DoubleSine.Sine(Angle), DoubleSine.Cosine(Angle));
        return (X + x * cosine - y * sine, Y + x * sine + y * cosine);
    }
}
