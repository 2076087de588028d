using System.Runtime.InteropServices;

namespace Dqn.CarRacing;

/// <summary>A dynamic body as <c>b2Body</c> keeps it between steps. Metres, radians, kilograms, seconds.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct RigidBody
{
    // Centre of mass in the body's frame, one over mass, one over moment of inertia about the centre. Constant.
    public float LocalCenterX, LocalCenterY, InverseMass, InverseInertia;

    // Centre of mass and angle; the frame's origin and the angle's sine and cosine, which follow from them.
    public float CenterX, CenterY, Angle;
    public float X, Y, Sine, Cosine;

    public float VelocityX, VelocityY, AngularVelocity;

    // What was applied since the last step.
    public float ForceX, ForceY;

    public float SleepTime;
    public bool Awake;

    public readonly BodyState State =>
        new(X, Y, Angle, Sine, Cosine, VelocityX, VelocityY, AngularVelocity);

    /// <summary>
    /// Puts the body at rest somewhere. <c>b2Body::b2Body</c> and what <c>ResetMassData</c> does to the centre.
    /// </summary>
    public void Place(float x, float y, float angle)
    {
        this = new RigidBody
        {
            LocalCenterX = LocalCenterX,
            LocalCenterY = LocalCenterY,
            InverseMass = InverseMass,
            InverseInertia = InverseInertia,
            X = x,
            Y = y,
            Angle = angle,
            Awake = true,
        };
        SingleSine.SineCosine(angle, out Sine, out Cosine);
        CenterX = Cosine * LocalCenterX - Sine * LocalCenterY + x;
        CenterY = Sine * LocalCenterX + Cosine * LocalCenterY + y;
    }

    /// <summary>Updates the frame from centre and angle. <c>b2Body::SynchronizeTransform</c>.</summary>
    public void UpdateFrame()
    {
        SingleSine.SineCosine(Angle, out Sine, out Cosine);
        UpdateOrigin();
    }

    /// <summary>
    /// The state with the origin that follows from the centre: after <see cref="Place"/> it may be a rounding away from
    /// where the body was placed, and Box2D sweeps its boxes from there.
    /// </summary>
    public readonly BodyState Frame()
    {
        var body = this;
        body.UpdateOrigin();
        return body.State;
    }

    private void UpdateOrigin()
    {
        X = CenterX - (Cosine * LocalCenterX - Sine * LocalCenterY);
        Y = CenterY - (Sine * LocalCenterX + Cosine * LocalCenterY);
    }

    /// <summary>Waking an awake body changes nothing: above all, not how long it has been at rest.</summary>
    public void Wake()
    {
        if (Awake)
            return;
        Awake = true;
        SleepTime = 0;
    }

    /// <summary>Falling asleep takes what is left of the body's motion.</summary>
    public void Sleep()
    {
        Awake = false;
        SleepTime = 0;
        VelocityX = VelocityY = AngularVelocity = 0;
        ForceX = ForceY = 0;
    }

    /// <summary>
    /// Counts how long the body has been nearly at rest. Returns whether that is long enough to sleep; joined bodies
    /// sleep once the one that rested least has.
    /// </summary>
    public bool Rest(float timeStep)
    {
        const float TimeToSleep = 0.5f;
        const float LinearTolerance = 0.01f;
        const float AngularTolerance = 2.0f / 180.0f * 3.14159265359f;
        if (AngularVelocity * AngularVelocity > AngularTolerance * AngularTolerance
            || VelocityX * VelocityX + VelocityY * VelocityY > LinearTolerance * LinearTolerance)
        {
            SleepTime = 0;
            return false;
        }

        SleepTime += timeStep;
        return SleepTime >= TimeToSleep;
    }

    public readonly void Save(BinaryWriter writer)
    {
        writer.Write(CenterX);
        writer.Write(CenterY);
        writer.Write(Angle);
        writer.Write(X);
        writer.Write(Y);
        writer.Write(VelocityX);
        writer.Write(VelocityY);
        writer.Write(AngularVelocity);
        writer.Write(ForceX);
        writer.Write(ForceY);
        writer.Write(SleepTime);
        writer.Write(Awake);
    }

    public void Load(BinaryReader reader)
    {
        CenterX = reader.ReadSingle();
        CenterY = reader.ReadSingle();
        Angle = reader.ReadSingle();
        X = reader.ReadSingle();
        Y = reader.ReadSingle();
        VelocityX = reader.ReadSingle();
        VelocityY = reader.ReadSingle();
        AngularVelocity = reader.ReadSingle();
        ForceX = reader.ReadSingle();
        ForceY = reader.ReadSingle();
        SleepTime = reader.ReadSingle();
        Awake = reader.ReadBoolean();
        double sum = (double)CenterX + CenterY + Angle + X + Y + VelocityX + VelocityY + AngularVelocity + ForceX + ForceY;
        if (!double.IsFinite(sum + SleepTime))
            throw new InvalidDataException($"Body at ({X}, {Y}): expected finite numbers.");
        SingleSine.SineCosine(Angle, out Sine, out Cosine);
    }
}
