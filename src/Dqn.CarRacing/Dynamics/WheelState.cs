namespace Dqn.CarRacing;

/// <summary>What the engine, the brake and the steering keep for one wheel, apart from its rigid body.</summary>
/// <example>
/// Which wheels are on the road:
/// <code>
/// foreach (WheelState wheel in environment.Car.Wheels)
///     Console.WriteLine(wheel.Tiles == 0 ? "on grass" : $"on {wheel.Tiles} tiles");
/// </code></example>
public struct WheelState
{
    /// <summary>Speed at which the wheel rolls about its axle, radians per second.</summary>
    public double Omega { get; internal set; }

    /// <summary>Angle through which the wheel has rolled about its axle, radians.</summary>
    public double Phase { get; internal set; }

    /// <summary>How far the throttle is open, 0 … 1; driven wheels only (the rear ones).</summary>
    public double Gas { get; internal set; }

    /// <summary>How hard the brake is pressed, 0 … 1; from 0.9 it blocks the wheel.</summary>
    public double Brake { get; internal set; }

    /// <summary>The steering angle that the wheel strives for, radians, positive left; front wheels only.</summary>
    public double Steer { get; internal set; }

    /// <summary>How many tiles of the road the wheel touches; on grass, none.</summary>
    public int Tiles { get; internal set; }
}
