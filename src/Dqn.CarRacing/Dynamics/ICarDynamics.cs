namespace Dqn.CarRacing;

/// <summary>
/// The rigid bodies of one car on one track: a hull, four wheels, a revolute joint with motor and limits for each, and
/// the tiles as sensors. What turns gas, brake and steering into forces is <see cref="Car"/>, the same for all engines.
/// Wheels are numbered 0 … 3: front left, front right, rear left, rear right.
/// </summary>
public interface ICarDynamics
{
    /// <summary>Removes the old bodies and places a car at rest on a track.</summary>
    void Reset(Track track, CarPose pose);

    /// <summary>The hull.</summary>
    BodyState Hull { get; }

    /// <summary>One of the wheels.</summary>
    BodyState Wheel(int wheel);

    /// <summary>The wheel's steering angle against the hull, radians.</summary>
    float JointAngle(int wheel);

    /// <summary>Sets the speed that the wheel's steering motor strives for until the next call, rad/s.</summary>
    void SetMotorSpeed(int wheel, float speed);

    /// <summary>Pushes the wheel at its centre during the coming step, newtons.</summary>
    void ApplyForce(int wheel, float forceX, float forceY);

    /// <summary>Advances by 1/50 s and appends the touches that began and ended, in the engine's order.</summary>
    void Step(List<TileContact> contacts);

    /// <summary>Whether the state can be saved and loaded exactly.</summary>
    bool CanSaveState => false;

    /// <summary>Writes everything that the coming steps depend on; the track is not part of it.</summary>
    void SaveState(BinaryWriter writer) => throw new NotSupportedException("These dynamics cannot save their state.");

    /// <summary>Reads what <see cref="SaveState"/> wrote, after <see cref="Reset"/> with the same track.</summary>
    void LoadState(BinaryReader reader) => throw new NotSupportedException("These dynamics cannot load a state.");
}
