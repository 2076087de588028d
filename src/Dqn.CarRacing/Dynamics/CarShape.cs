using System.Numerics;

namespace Dqn.CarRacing;

/// <summary>
/// The car's measures, in metres and kilograms, as an <see cref="ICarDynamics"/> needs them; wheels are front left,
/// front right, rear left, rear right.
/// </summary>
public static class CarShape
{
    /// <summary>How many wheels there are.</summary>
    public const int Wheels = 4;

    /// <summary>How many convex parts the hull has.</summary>
    public const int HullParts = 4;

    /// <summary>Mass of the hull's parts, kg/m²; where they overlap it counts twice.</summary>
    public const float HullDensity = 1.0f;

    /// <summary>Mass of a wheel, kg/m².</summary>
    public const float WheelDensity = 0.1f;

    /// <summary>How far a wheel's joint lets it turn, radians, either way.</summary>
    public const float SteeringLimit = 0.4f;

    /// <summary>The greatest torque of a joint's motor, N·m.</summary>
    public const float SteeringTorque = (float)(180 * 900 * Size * Size);

    /// <summary>Metres per unit of the reference's drawing of the car.</summary>
    internal const double Size = 0.02;

    internal const double WheelRadius = 27 * Size;
    internal const double WheelHalfWidth = 14 * Size;

    /// <summary>Where each wheel sits on the hull, [wheel, x then y].</summary>
    internal static readonly (double X, double Y)[] WheelPosition =
    [
        (-55 * Size, 80 * Size), (55 * Size, 80 * Size), (-55 * Size, -82 * Size), (55 * Size, -82 * Size),
    ];

    /// <summary>The four convex parts of the hull, in the order in which they are drawn.</summary>
    internal static readonly ConvexPolygon[] Hull =
    [
        ConvexPolygon.Of([(-60, 130), (60, 130), (60, 110), (-60, 110)], Size),
        ConvexPolygon.Of([(-15, 120), (15, 120), (20, 20), (-20, 20)], Size),
        ConvexPolygon.Of(
            [(25, 20), (50, -10), (50, -40), (20, -90), (-20, -90), (-50, -40), (-50, -10), (-25, 20)], Size),
        ConvexPolygon.Of([(-50, -120), (50, -120), (50, -90), (-50, -90)], Size),
    ];

    /// <summary>A wheel's rectangle.</summary>
    internal static readonly ConvexPolygon Wheel =
        ConvexPolygon.Of([(-14, 27), (14, 27), (14, -27), (-14, -27)], Size);

    /// <summary>A wheel's corners in its own frame, counter-clockwise; the joint is at the origin.</summary>
    public static ReadOnlySpan<Vector2> WheelCorners => Wheel.Vertices;

    /// <summary>A part's corners in the hull's frame, counter-clockwise; the car heads along the y axis.</summary>
    /// <param name="part">0 … 3, in the order in which they are drawn.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such part.</exception>
    public static ReadOnlySpan<Vector2> HullCorners(int part)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, HullParts);
        return Hull[part].Vertices;
    }

    /// <summary>Where a wheel's joint is, in the hull's frame.</summary>
    /// <param name="wheel">0 … 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such wheel.</exception>
    public static (double X, double Y) WheelAnchor(int wheel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(wheel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(wheel, Wheels);
        return WheelPosition[wheel];
    }
}
