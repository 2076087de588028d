namespace Dqn.CarRacing;

/// <summary>A body's centre and angle, or their rates, while the joints are solved.</summary>
internal struct Motion(float x, float y, float angle)
{
    public float X = x;
    public float Y = y;
    public float Angle = angle;
}
