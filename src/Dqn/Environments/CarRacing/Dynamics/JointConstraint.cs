using System.Runtime.InteropServices;

namespace Dqn.Environments.CarRacing;

/// <summary>Where a wheel stands between the limits of its joint.</summary>
internal enum JointLimit : byte
{
    /// <summary>Between them.</summary>
    None,

    /// <summary>At the lower one, turned right.</summary>
    Lower,

    /// <summary>At the upper one, turned left.</summary>
    Upper,
}

/// <summary>
/// A revolute joint with motor and limits between the hull (body A) and a wheel (body B), as <c>b2RevoluteJoint</c>
/// solves it. The wheel hangs at its frame's origin and the reference angle is 0.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct JointConstraint
{
    /// <summary>Radians, either way.</summary>
    public const float LimitAngle = 0.4f;

    /// <summary>What the motor may give in one step, N·m·s: Box2D multiplies the time step by the greatest torque.</summary>
    public const float MaximumMotorImpulse = 0.02f * (float)(180 * 900 * CarShape.Size * CarShape.Size);

    // Anchors relative to the bodies' centres of mass, in the bodies' frames. Constant.
    public float LocalAX, LocalAY, LocalBX, LocalBY;

    // Kept from step to step: the impulses warm-start the next step.
    public float ImpulseX, ImpulseY, LimitImpulse, MotorImpulse, MotorSpeed;
    public JointLimit Limit;

    // Valid within a step: the anchors relative to the centres, rotated; the symmetric mass matrix K (rows x, y, angle)
    // without its zz element, which is the sum of inverse inertias; the motor's mass.
    public float AX, AY, BX, BY;
    public float K11, K12, K13, K22, K23, K33;
    public float MotorMass;

    /// <summary>Anchors, mass matrix, limit state, and last step's impulses applied.</summary>
    public void Begin(in RigidBody hull, in RigidBody wheel, ref Motion hullVelocity, ref Motion wheelVelocity)
    {
        float mA = hull.InverseMass, mB = wheel.InverseMass, iA = hull.InverseInertia, iB = wheel.InverseInertia;
        AX = hull.Cosine * LocalAX - hull.Sine * LocalAY;
        AY = hull.Sine * LocalAX + hull.Cosine * LocalAY;
        BX = wheel.Cosine * LocalBX - wheel.Sine * LocalBY;
        BY = wheel.Sine * LocalBX + wheel.Cosine * LocalBY;

        K11 = mA + mB + AY * AY * iA + BY * BY * iB;
        K12 = -AY * AX * iA - BY * BX * iB;
        K13 = -AY * iA - BY * iB;
        K22 = mA + mB + AX * AX * iA + BX * BX * iB;
        K23 = AX * iA + BX * iB;
        K33 = iA + iB;
        MotorMass = 1.0f / K33;

        // The impulse of a limit survives only while the wheel stays at that limit.
        float angle = wheel.Angle - hull.Angle;
        var limit = angle <= -LimitAngle ? JointLimit.Lower : angle >= LimitAngle ? JointLimit.Upper : JointLimit.None;
        if (limit != Limit || limit == JointLimit.None)
            LimitImpulse = 0;
        Limit = limit;

        // Box2D scales the old impulses by the ratio of the time steps, which is (1 / 0.02f) · 0.02f = 1 exactly; in a
        // world's first step it is 0, but then the impulses are too.
        hullVelocity.X -= mA * ImpulseX;
        hullVelocity.Y -= mA * ImpulseY;
        hullVelocity.Angle -= iA * (AX * ImpulseY - AY * ImpulseX + MotorImpulse + LimitImpulse);
        wheelVelocity.X += mB * ImpulseX;
        wheelVelocity.Y += mB * ImpulseY;
        wheelVelocity.Angle += iB * (BX * ImpulseY - BY * ImpulseX + MotorImpulse + LimitImpulse);
    }

    /// <summary>One velocity iteration: motor, then limit and point together, or the point alone.</summary>
    public void SolveVelocity(in RigidBody hull, in RigidBody wheel, ref Motion hullVelocity, ref Motion wheelVelocity)
    {
        float mA = hull.InverseMass, mB = wheel.InverseMass, iA = hull.InverseInertia, iB = wheel.InverseInertia;
        float vAX = hullVelocity.X, vAY = hullVelocity.Y, wA = hullVelocity.Angle;
        float vBX = wheelVelocity.X, vBY = wheelVelocity.Y, wB = wheelVelocity.Angle;

        float impulse = -MotorMass * (wB - wA - MotorSpeed);
        float old = MotorImpulse;
        MotorImpulse = Clamp(old + impulse, -MaximumMotorImpulse, MaximumMotorImpulse);
        impulse = MotorImpulse - old;
        wA -= iA * impulse;
        wB += iB * impulse;

        float errorX = vBX + -wB * BY - vAX - -wA * AY;
        float errorY = vBY + wB * BX - vAY - wA * AX;
        float impulseX, impulseY;
        if (Limit == JointLimit.None)
        {
            Solve(-errorX, -errorY, out impulseX, out impulseY);
            ImpulseX += impulseX;
            ImpulseY += impulseY;
            wA -= iA * (AX * impulseY - AY * impulseX);
            wB += iB * (BX * impulseY - BY * impulseX);
        }
        else
        {
            Solve(errorX, errorY, wB - wA, out impulseX, out impulseY, out float impulseAngle);
            impulseX = -impulseX;
            impulseY = -impulseY;
            impulseAngle = -impulseAngle;
            float total = LimitImpulse + impulseAngle;
            if (Limit == JointLimit.Lower ? total < 0 : total > 0)
            {
                // The limit may push, not pull: take its impulse back and let the point alone be solved.
                Solve(-errorX + LimitImpulse * K13, -errorY + LimitImpulse * K23, out impulseX, out impulseY);
                impulseAngle = -LimitImpulse;
                ImpulseX += impulseX;
                ImpulseY += impulseY;
                LimitImpulse = 0;
            }
            else
            {
                ImpulseX += impulseX;
                ImpulseY += impulseY;
                LimitImpulse += impulseAngle;
            }

            wA -= iA * (AX * impulseY - AY * impulseX + impulseAngle);
            wB += iB * (BX * impulseY - BY * impulseX + impulseAngle);
        }

        hullVelocity = new Motion(vAX - mA * impulseX, vAY - mA * impulseY, wA);
        wheelVelocity = new Motion(vBX + mB * impulseX, vBY + mB * impulseY, wB);
    }

    /// <summary>One position iteration. Returns whether what was wrong before it was within tolerance.</summary>
    public readonly bool SolvePosition(
        in RigidBody hull, in RigidBody wheel, ref Motion hullPosition, ref Motion wheelPosition)
    {
        const float LinearSlop = 0.005f;
        const float AngularSlop = 2.0f / 180.0f * Pi;
        const float MaximumCorrection = 8.0f / 180.0f * Pi;

        float mA = hull.InverseMass, mB = wheel.InverseMass, iA = hull.InverseInertia, iB = wheel.InverseInertia;
        float aA = hullPosition.Angle, aB = wheelPosition.Angle;

        float angularError = 0;
        if (Limit != JointLimit.None)
        {
            float impulse;
            float angle = aB - aA;
            if (Limit == JointLimit.Lower)
            {
                float excess = angle - -LimitAngle;
                angularError = -excess;
                impulse = -MotorMass * Clamp(excess + AngularSlop, -MaximumCorrection, 0);
            }
            else
            {
                float excess = angle - LimitAngle;
                angularError = excess;
                impulse = -MotorMass * Clamp(excess - AngularSlop, 0, MaximumCorrection);
            }

            aA -= iA * impulse;
            aB += iB * impulse;
        }

        SingleSine.SineCosine(aA, out float sineA, out float cosineA);
        SingleSine.SineCosine(aB, out float sineB, out float cosineB);
        float aX = cosineA * LocalAX - sineA * LocalAY, aY = sineA * LocalAX + cosineA * LocalAY;
        float bX = cosineB * LocalBX - sineB * LocalBY, bY = sineB * LocalBX + cosineB * LocalBY;

        float errorX = wheelPosition.X + bX - hullPosition.X - aX;
        float errorY = wheelPosition.Y + bY - hullPosition.Y - aY;
        float positionError = MathF.Sqrt(errorX * errorX + errorY * errorY);

        // Summed in another order than the velocities' matrix, as Box2D does.
        float k11 = mA + mB + iA * aY * aY + iB * bY * bY;
        float k12 = -iA * aX * aY - iB * bX * bY;
        float k22 = mA + mB + iA * aX * aX + iB * bX * bX;
        float determinant = k11 * k22 - k12 * k12;
        if (determinant != 0)
            determinant = 1.0f / determinant;
        float impulseX = -(determinant * (k22 * errorX - k12 * errorY));
        float impulseY = -(determinant * (k11 * errorY - k12 * errorX));

        hullPosition = new Motion(
            hullPosition.X - mA * impulseX,
            hullPosition.Y - mA * impulseY,
            aA - iA * (aX * impulseY - aY * impulseX));
        wheelPosition = new Motion(
            wheelPosition.X + mB * impulseX,
            wheelPosition.Y + mB * impulseY,
            aB + iB * (bX * impulseY - bY * impulseX));
        return positionError <= LinearSlop && angularError <= AngularSlop;
    }

    public readonly void Save(BinaryWriter writer)
    {
        writer.Write(ImpulseX);
        writer.Write(ImpulseY);
        writer.Write(LimitImpulse);
        writer.Write(MotorImpulse);
        writer.Write(MotorSpeed);
        writer.Write((byte)Limit);
    }

    public void Load(BinaryReader reader)
    {
        ImpulseX = reader.ReadSingle();
        ImpulseY = reader.ReadSingle();
        LimitImpulse = reader.ReadSingle();
        MotorImpulse = reader.ReadSingle();
        MotorSpeed = reader.ReadSingle();
        Limit = (JointLimit)reader.ReadByte();
        if (Limit > JointLimit.Upper)
            throw new InvalidDataException($"Joint: expected a limit state of 0 to 2, got {(byte)Limit}.");
    }

    private const float Pi = 3.14159265359f;

    // Box2D's order of comparisons.
    private static float Clamp(float value, float low, float high)
    {
        float least = value < high ? value : high;
        return low > least ? low : least;
    }

    // b2Mat33::Solve22
    private readonly void Solve(float x, float y, out float resultX, out float resultY)
    {
        float determinant = K11 * K22 - K12 * K12;
        if (determinant != 0)
            determinant = 1.0f / determinant;
        resultX = determinant * (K22 * x - K12 * y);
        resultY = determinant * (K11 * y - K12 * x);
    }

    // b2Mat33::Solve33 with the columns (K11, K12, K13), (K12, K22, K23), (K13, K23, K33).
    private readonly void Solve(
        float x, float y, float z, out float resultX, out float resultY, out float resultZ)
    {
        // ey × ez
        float crossX = K22 * K33 - K23 * K23, crossY = K23 * K13 - K12 * K33, crossZ = K12 * K23 - K22 * K13;
        float determinant = K11 * crossX + K12 * crossY + K13 * crossZ;
        if (determinant != 0)
            determinant = 1.0f / determinant;
        resultX = determinant * (x * crossX + y * crossY + z * crossZ);

        // b × ez, then ey × b
        crossX = y * K33 - z * K23;
        crossY = z * K13 - x * K33;
        crossZ = x * K23 - y * K13;
        resultY = determinant * (K11 * crossX + K12 * crossY + K13 * crossZ);
        crossX = K22 * z - K23 * y;
        crossY = K23 * x - K12 * z;
        crossZ = K12 * y - K22 * x;
        resultZ = determinant * (K11 * crossX + K12 * crossY + K13 * crossZ);
    }
}
