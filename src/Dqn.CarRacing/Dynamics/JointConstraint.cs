using System.Runtime.InteropServices;

namespace Dqn.CarRacing;

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
    public const float LimitAngle = CarShape.SteeringLimit;

    /// <summary>What the motor may give in one step, N·m·s: the time step times the greatest torque.</summary>
    public const float MaximumMotorImpulse = 0.02f * CarShape.SteeringTorque;

    // Anchors relative to the bodies' centres of mass, in the bodies' frames; the wheel's inverses. Constant.
    public float LocalAX, LocalAY, LocalBX, LocalBY, InverseMass, InverseInertia;

    // Kept from step to step: the impulses warm-start the next step.
    public float ImpulseX, ImpulseY, LimitImpulse, MotorImpulse, MotorSpeed;
    public JointLimit Limit;

    // Valid within a step: the anchors relative to the centres, rotated; the symmetric mass matrix K (rows x, y,
    // angle); one over the determinant of its upper left 2 × 2 part, and that part with its signs turned; the motor's
    // mass, its sign turned.
    public float AX, AY, BX, BY;
    public float K11, K12, K13, K22, K23, K33;
    public float Inverse, Negated11, Negated12, Negated22;
    public float MotorMassNegated;

    /// <summary>Anchors, mass matrix, limit state, and last step's impulses applied.</summary>
    public void Begin(in RigidBody hull, in RigidBody wheel, ref Motion hullVelocity, ref Motion wheelVelocity)
    {
        float mA = hull.InverseMass, mB = InverseMass, iA = hull.InverseInertia, iB = InverseInertia;
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
        MotorMassNegated = -(1.0f / K33);
        float determinant = K11 * K22 - K12 * K12;
        Inverse = determinant != 0 ? 1.0f / determinant : determinant;
        Negated11 = -K11;
        Negated12 = -K12;
        Negated22 = -K22;

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

    /// <summary>
    /// The impulse of a velocity iteration at a limit, which is added to the limit's own; the caller adds the rest.
    /// </summary>
    /// <param name="errorX">Relative velocity of the anchors.</param>
    /// <param name="errorY">Relative velocity of the anchors.</param>
    /// <param name="errorAngle">Relative angular velocity.</param>
    /// <param name="x">Impulse on the wheel; on the hull the opposite.</param>
    /// <param name="y">Impulse on the wheel; on the hull the opposite.</param>
    /// <param name="angle">Angular impulse on the wheel; on the hull the opposite.</param>
    /// <param name="pushing">False when the limit's impulse was taken back.</param>
    public void SolveLimit(
        float errorX, float errorY, float errorAngle, out float x, out float y, out float angle, out bool pushing)
    {
        Solve(errorX, errorY, errorAngle, out x, out y, out angle);
        x = -x;
        y = -y;
        angle = -angle;
        float total = LimitImpulse + angle;
        pushing = !(Limit == JointLimit.Lower ? total < 0 : total > 0);
        if (pushing)
        {
            LimitImpulse = total;
            return;
        }

        // A limit may push, not pull: take its impulse back and let the point alone be solved.
        float rightX = -errorX + LimitImpulse * K13, rightY = -errorY + LimitImpulse * K23;
        x = Inverse * (K22 * rightX - K12 * rightY);
        y = Inverse * (K11 * rightY - K12 * rightX);
        angle = -LimitImpulse;
        LimitImpulse = 0;
    }

    /// <summary>One position iteration. Returns whether what was wrong before it was within tolerance.</summary>
    public readonly bool SolvePosition(in RigidBody hull, ref Motion hullPosition, ref Motion wheelPosition)
    {
        const float LinearSlop = 0.005f;
        const float AngularSlop = 2.0f / 180.0f * Pi;
        const float MaximumCorrection = 8.0f / 180.0f * Pi;

        float mA = hull.InverseMass, mB = InverseMass, iA = hull.InverseInertia, iB = InverseInertia;
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
                impulse = MotorMassNegated * Clamp(excess + AngularSlop, -MaximumCorrection, 0);
            }
            else
            {
                float excess = angle - LimitAngle;
                angularError = excess;
                impulse = MotorMassNegated * Clamp(excess - AngularSlop, 0, MaximumCorrection);
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
        if (!double.IsFinite((double)ImpulseX + ImpulseY + LimitImpulse + MotorImpulse + MotorSpeed))
            throw new InvalidDataException("Joint: expected finite impulses and a finite speed.");
    }

    private const float Pi = 3.14159265359f;

    // Box2D's order of comparisons.
    private static float Clamp(float value, float low, float high)
    {
        float least = value < high ? value : high;
        return low > least ? low : least;
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
