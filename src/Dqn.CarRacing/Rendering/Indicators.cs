using System.Diagnostics;

namespace Dqn.CarRacing;

/// <summary>One bar of the panel: a rectangle of the upright 1000 × 800 picture, all four bounds included.</summary>
internal readonly record struct IndicatorBar(int Left, int Top, int Right, int Bottom, uint Color);

/// <summary>The black panel below the picture with speed, wheels, steering and gyroscope.</summary>
internal static class Indicators
{
    /// <summary>The panel's first row; it is 100 rows high.</summary>
    public const int Top = Camera.Height - 5 * UnitHeight;

    public const uint SpeedColor = 0xFFFFFF, FrontColor = 0x0000FF, RearColor = 0x3300FF;
    public const uint SteeringColor = 0x00FF00, GyroscopeColor = 0xFF0000;

    /// <summary>The most bars that there are.</summary>
    public const int MaximumBars = 7;

    private const int UnitWidth = Camera.Width / 40, UnitHeight = Camera.Height / 40;

    // A bar of this value or less is not drawn.
    private const double Threshold = 1e-4;

    /// <summary>The bars of a scene in the order of drawing; they may overlap and reach beyond the panel.</summary>
    /// <returns>How many there are.</returns>
    public static int GetBars(Scene scene, Span<IndicatorBar> bars)
    {
        Debug.Assert(bars.Length >= MaximumBars);
        int count = 0;
        double velocityX = scene.Hull.VelocityX, velocityY = scene.Hull.VelocityY;
        double speed = Math.Sqrt(velocityX * velocityX + velocityY * velocityY);
        AddUpright(speed, 5, 0.02 * speed, SpeedColor, bars, ref count);
        for (int wheel = 0; wheel < 4; wheel++)
        {
            double omega = scene.WheelOmega[wheel];
            AddUpright(omega, 7 + wheel, 0.01 * omega, wheel < 2 ? FrontColor : RearColor, bars, ref count);
        }

        AddLevel(scene.SteeringAngle, 20, -10.0 * scene.SteeringAngle, SteeringColor, bars, ref count);
        AddLevel(scene.Hull.AngularVelocity, 30, -0.8 * scene.Hull.AngularVelocity, GyroscopeColor, bars, ref count);
        return count;
    }

    private static void AddUpright(
        double value, int place, double length, uint color, Span<IndicatorBar> bars, ref int count)
    {
        if (!(Math.Abs(value) > Threshold))
            return;
        int tip = (int)(Camera.Height - (UnitHeight + UnitHeight * length)), foot = Camera.Height - UnitHeight;
        bars[count++] = new(
            place * UnitWidth, Math.Min(tip, foot), (place + 1) * UnitWidth, Math.Max(tip, foot), color);
    }

    private static void AddLevel(
        double value, int place, double length, uint color, Span<IndicatorBar> bars, ref int count)
    {
        if (!(Math.Abs(value) > Threshold))
            return;
        int tip = (int)((place + length) * UnitWidth), foot = place * UnitWidth;
        bars[count++] = new(
            Math.Min(tip, foot), Camera.Height - 4 * UnitHeight, Math.Max(tip, foot), Camera.Height - 2 * UnitHeight,
            color);
    }
}
