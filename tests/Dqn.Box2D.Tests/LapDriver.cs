using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing;

/// <summary>
/// Follows the road with the five actions, decided every fourth frame from the track ahead: steers where it leaves the
/// car's heading, else keeps to a speed.
/// </summary>
internal sealed class LapDriver
{
    private const int TilesAhead = 4;
    private const double Straight = 0.10; // tangent of the angle to the road ahead
    private const double Speed = 34; // metres per second

    private int _frame;
    private int _action;

    public int Choose(CarRacingEnvironment environment)
    {
        if (_frame++ % 4 == 0)
            _action = Decide(environment);
        return _action;
    }

    private static int Decide(CarRacingEnvironment environment)
    {
        BodyState hull = environment.Car.Dynamics.Hull;
        ReadOnlySpan<TrackTile> tiles = environment.Track.Tiles;
        int nearest = 0;
        for (int i = 1; i < tiles.Length; i++)
            if (Distance(tiles[i], hull) < Distance(tiles[nearest], hull))
                nearest = i;

        // The car heads along its y axis.
        TrackTile ahead = tiles[(nearest + TilesAhead) % tiles.Length];
        double x = ahead.X - hull.X, y = ahead.Y - hull.Y;
        double along = -hull.Sine * x + hull.Cosine * y;
        double left = -(hull.Cosine * x + hull.Sine * y);
        double turn = along > 0 ? left / along : Math.Sign(left) * 10;
        double speed = Math.Sqrt(hull.VelocityX * hull.VelocityX + hull.VelocityY * hull.VelocityY);
        return turn > Straight ? 2 : turn < -Straight ? 1 : speed < Speed ? 3 : speed > 1.5 * Speed ? 4 : 0;
    }

    private static double Distance(in TrackTile tile, in BodyState hull) =>
        (tile.X - hull.X) * (tile.X - hull.X) + (tile.Y - hull.Y) * (tile.Y - hull.Y);
}
