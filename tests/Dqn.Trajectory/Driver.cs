using Dqn.CarRacing;
using Dqn.Randomness;

namespace Dqn.Trajectory;

/// <summary>
/// Follows the road most of the time, for many tiles, and now and then does something else for a while: slides, brakes
/// to rest, leaves the road. Decides by additions, products and quotients alone, which are the same everywhere.
/// </summary>
internal sealed class Driver(ulong seed)
{
    private const int TilesAhead = 5;

    private readonly Pcg64 _random = new(seed);
    private int _manner;
    private int _hold;

    /// <summary>One of the five actions.</summary>
    public int Choose(CarRacingEnvironment environment)
    {
        NextManner();
        double turn = Turn(environment);
        switch (_manner)
        {
            case 1: return 3;
            case 2: return 4;
            case 3: return 0;
            case 4: return _random.Integer(5);
            case 5: return _hold % 2 == 0 ? 1 : 3;
            default:
                return turn > 0.12 ? 2 : turn < -0.12 ? 1 : SpeedSquared(environment) < 50 * 50 ? 3 : 0;
        }
    }

    /// <summary>Controls; each is a number of single precision, as Gymnasium's actions are.</summary>
    public CarControls Drive(CarRacingEnvironment environment)
    {
        NextManner();
        double turn = Turn(environment);
        return _manner switch
        {
            1 => Controls(0, 1, 0),
            2 => Controls(0, 0, 0.7),
            3 => Controls(0, 0, 0),
            4 => Controls(_random.Uniform(-1, 1), _random.NextDouble(), _random.NextDouble()),
            5 => Controls(1, 0.9, 0),
            _ => Controls(Math.Clamp(-3 * turn, -1, 1), SpeedSquared(environment) < 50 * 50 ? 0.5 : 0, 0),
        };
    }

    private static CarControls Controls(double steer, double gas, double brake) =>
        new((float)steer, (float)gas, (float)brake);

    private void NextManner()
    {
        if (_hold-- > 0)
            return;
        _manner = Math.Max(0, _random.Integer(16) - 10);
        _hold = _manner switch { 0 => 30 + _random.Integer(60), 3 => 60, _ => 5 + _random.Integer(20) };
    }

    // The tangent of the angle between where the car points, from its rear axle to its front one, and where the road
    // goes on; positive where that is to the left.
    private static double Turn(CarRacingEnvironment environment)
    {
        var dynamics = environment.Car.Dynamics;
        double frontX = (double)dynamics.Wheel(0).X + dynamics.Wheel(1).X;
        double frontY = (double)dynamics.Wheel(0).Y + dynamics.Wheel(1).Y;
        double headingX = frontX - dynamics.Wheel(2).X - dynamics.Wheel(3).X;
        double headingY = frontY - dynamics.Wheel(2).Y - dynamics.Wheel(3).Y;
        double x = dynamics.Hull.X, y = dynamics.Hull.Y;

        var tiles = environment.Track.Tiles;
        int nearest = 0;
        double least = double.PositiveInfinity;
        for (int i = 0; i < tiles.Length; i++)
        {
            double distance = (tiles[i].X - x) * (tiles[i].X - x) + (tiles[i].Y - y) * (tiles[i].Y - y);
            if (distance < least)
                (nearest, least) = (i, distance);
        }

        var ahead = tiles[(nearest + TilesAhead) % tiles.Length];
        double wantedX = ahead.X - x, wantedY = ahead.Y - y;
        double along = headingX * wantedX + headingY * wantedY;
        double across = headingX * wantedY - headingY * wantedX;
        return along > 0 ? across / along : across > 0 ? 10 : -10;
    }

    private static double SpeedSquared(CarRacingEnvironment environment)
    {
        var hull = environment.Car.Dynamics.Hull;
        return (double)hull.VelocityX * hull.VelocityX + (double)hull.VelocityY * hull.VelocityY;
    }
}
