namespace Dqn.CarRacing;

/// <summary>A point of the road's centre line; a track is these, everything else of it follows.</summary>
/// <param name="Alpha">Polar angle about the origin, radians.</param>
/// <param name="Beta">
/// Direction perpendicular to the road, radians; it may differ from its neighbours' by whole turns.
/// </param>
/// <param name="X">Metres.</param>
/// <param name="Y">Metres.</param>
internal readonly record struct TrackPoint(double Alpha, double Beta, double X, double Y);
