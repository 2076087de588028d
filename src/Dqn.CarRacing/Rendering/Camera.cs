namespace Dqn.CarRacing;

/// <summary>
/// Where world points fall on the 1000 × 800 surface, y upwards: turned so that the car looks up, magnified, and moved
/// so that the hull is at (500, 200). All in double precision and in the reference's order.
/// </summary>
internal readonly struct Camera
{
    /// <summary>The surface's width, pixels.</summary>
    public const int Width = 1000;

    /// <summary>The surface's height, pixels.</summary>
    public const int Height = 800;

    private const double Scale = 6.0;
    private const double FinalZoom = 2.7;

    // Rotations this close to a multiple of a right angle are exactly that in pygame's Vector2.
    private const double Epsilon = 1e-6;

    private readonly double _sine, _cosine, _translationX, _translationY;

    public Camera(in BodyState hull, double time)
    {
        double angle = -(double)hull.Angle;
        Zoom = 0.1 * Scale * Math.Max(1 - time, 0) + FinalZoom * Scale * Math.Min(time, 1);

        const double Turn = 2 * Math.PI, Quarter = Math.PI / 2;
        angle %= Turn;
        if (angle < 0)
            angle += Turn;
        if ((angle + Epsilon) % Quarter < 2 * Epsilon)
        {
            (_sine, _cosine) = (int)((angle + Epsilon) / Quarter) switch
            {
                1 => (1.0, 0.0),
                2 => (0.0, -1.0),
                3 => (-1.0, 0.0),
                _ => (0.0, 1.0),
            };
        }
        else
        {
            (_sine, _cosine) = (DoubleSine.Sine(angle), DoubleSine.Cosine(angle));
        }

        double scrollX = -(double)hull.X * Zoom, scrollY = -(double)hull.Y * Zoom;
        _translationX = Width / 2.0 + (_cosine * scrollX - _sine * scrollY);
        _translationY = Height / 4.0 + (_sine * scrollX + _cosine * scrollY);
    }

    /// <summary>Pixels per metre.</summary>
    public double Zoom { get; }

    /// <summary>Where a world point falls, not yet rounded.</summary>
    public (double X, double Y) ToSurface(double x, double y) =>
        ((_cosine * x - _sine * y) * Zoom + _translationX, (_sine * x + _cosine * y) * Zoom + _translationY);

    /// <summary>Where a world point falls, cut off towards zero as every drawing routine of the reference
    /// does.</summary>
    public Point ToPixel(double x, double y)
    {
        (double surfaceX, double surfaceY) = ToSurface(x, y);
        return new Point((int)surfaceX, (int)surfaceY);
    }

    /// <summary>The world point that falls on a point of the surface, but for rounding.</summary>
    public (double X, double Y) ToWorld(double surfaceX, double surfaceY)
    {
        double x = (surfaceX - _translationX) / Zoom, y = (surfaceY - _translationY) / Zoom;
        return (_cosine * x + _sine * y, _cosine * y - _sine * x);
    }
}
