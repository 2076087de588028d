using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing;

/// <summary>Bodies that are where the test wants them, whatever pushes them.</summary>
internal abstract class UnpushedDynamics : ICarDynamics
{
    public BodyState Hull { get; protected set; }

    public virtual BodyState Wheel(int wheel) => default;

    public virtual float JointAngle(int wheel) => 0;

    public abstract void Reset(Track track, CarPose pose);

    public abstract void Step(List<TileContact> contacts);

    public void SetMotorSpeed(int wheel, float speed)
    {
    }

    public void ApplyForce(int wheel, float forceX, float forceY)
    {
    }
}
