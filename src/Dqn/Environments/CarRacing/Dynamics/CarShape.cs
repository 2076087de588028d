namespace Dqn.Environments.CarRacing;

/// <summary>
/// The car's measures, in metres and kilograms; wheels are front left, front right, rear left, rear right.
/// </summary>
internal static class CarShape
{
    /// <summary>Metres per unit of the reference's drawing of the car.</summary>
    public const double Size = 0.02;

    public const int Wheels = 4;
    public const double WheelRadius = 27 * Size;
    public const double WheelHalfWidth = 14 * Size;
    public const float HullDensity = 1.0f;
    public const float WheelDensity = 0.1f;

    /// <summary>Where each wheel sits on the hull, [wheel, x then y].</summary>
    public static readonly (double X, double Y)[] WheelPosition =
    [
        (-55 * Size, 80 * Size), (55 * Size, 80 * Size), (-55 * Size, -82 * Size), (55 * Size, -82 * Size),
    ];

    /// <summary>The four convex parts of the hull, in the order in which they are drawn.</summary>
    public static readonly ConvexPolygon[] Hull =
    [
        ConvexPolygon.Of([(-60, 130), (60, 130), (60, 110), (-60, 110)], Size),
        ConvexPolygon.Of([(-15, 120), (15, 120), (20, 20), (-20, 20)], Size),
        ConvexPolygon.Of(
            [(25, 20), (50, -10), (50, -40), (20, -90), (-20, -90), (-50, -40), (-50, -10), (-25, 20)], Size),
        ConvexPolygon.Of([(-50, -120), (50, -120), (50, -90), (-50, -90)], Size),
    ];

    /// <summary>A wheel's rectangle.</summary>
    public static readonly ConvexPolygon Wheel =
        ConvexPolygon.Of([(-14, 27), (14, 27), (14, -27), (-14, -27)], Size);
}
