namespace Dqn.CarRacing;

/// <summary>Where a rigid body is and how it moves. Single precision, as Box2D keeps it.</summary>
/// <param name="X">Position of the body's origin, metres.</param>
/// <param name="Y">Position of the body's origin, metres.</param>
/// <param name="Angle">Rotation, radians, counter-clockwise.</param>
/// <param name="Sine">Sine of the angle as the engine computed it; points on the body are placed with it.</param>
/// <param name="Cosine">Cosine of the angle as the engine computed it.</param>
/// <param name="VelocityX">Velocity of the centre of mass, metres per second.</param>
/// <param name="VelocityY">Velocity of the centre of mass, metres per second.</param>
/// <param name="AngularVelocity">Radians per second.</param>
public readonly record struct BodyState(
    float X, float Y, float Angle, float Sine, float Cosine, float VelocityX, float VelocityY, float AngularVelocity);
