using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing;

/// <summary>The twin of <see cref="VelocitySolver"/>: 180 iterations, joint after joint, nothing prepared.</summary>
internal static class PlainVelocitySolver
{
    public static void Solve(
        Span<JointConstraint> joints, Span<Motion> velocities, float inverseMass, float inverseInertia)
    {
        for (int iteration = 0; iteration < 180; iteration++)
        {
            for (int i = 3; i >= 0; i--)
                Solve(ref joints[i], inverseMass, inverseInertia, ref velocities[0], ref velocities[1 + i]);
        }
    }

    private static void Solve(ref JointConstraint joint, float mA, float iA, ref Motion hull, ref Motion wheel)
    {
        float mB = joint.InverseMass, iB = joint.InverseInertia;
        float vAX = hull.X, vAY = hull.Y, wA = hull.Angle;
        float vBX = wheel.X, vBY = wheel.Y, wB = wheel.Angle;

        float impulse = -(1.0f / (iA + iB)) * (wB - wA - joint.MotorSpeed);
        float old = joint.MotorImpulse;
        const float Maximum = JointConstraint.MaximumMotorImpulse;
        joint.MotorImpulse = Math.Max(-Maximum, Math.Min(old + impulse, Maximum));
        impulse = joint.MotorImpulse - old;
        wA -= iA * impulse;
        wB += iB * impulse;

        float errorX = vBX + -wB * joint.BY - vAX - -wA * joint.AY;
        float errorY = vBY + wB * joint.BX - vAY - wA * joint.AX;
        float impulseX, impulseY, impulseAngle = 0;
        if (joint.Limit == JointLimit.None)
        {
            (impulseX, impulseY) = Solve22(joint, -errorX, -errorY);
        }
        else
        {
            (impulseX, impulseY, impulseAngle) = Solve33(joint, errorX, errorY, wB - wA);
            (impulseX, impulseY, impulseAngle) = (-impulseX, -impulseY, -impulseAngle);
            float total = joint.LimitImpulse + impulseAngle;
            if (joint.Limit == JointLimit.Lower ? total < 0 : total > 0)
            {
                (impulseX, impulseY) = Solve22(
                    joint, -errorX + joint.LimitImpulse * joint.K13, -errorY + joint.LimitImpulse * joint.K23);
                impulseAngle = -joint.LimitImpulse;
                joint.LimitImpulse = 0;
            }
            else
            {
                joint.LimitImpulse = total;
            }
        }

        joint.ImpulseX += impulseX;
        joint.ImpulseY += impulseY;
        hull.X = vAX - mA * impulseX;
        hull.Y = vAY - mA * impulseY;
        wheel.X = vBX + mB * impulseX;
        wheel.Y = vBY + mB * impulseY;
        float torqueA = joint.AX * impulseY - joint.AY * impulseX, torqueB = joint.BX * impulseY - joint.BY * impulseX;
        hull.Angle = wA - iA * (joint.Limit == JointLimit.None ? torqueA : torqueA + impulseAngle);
        wheel.Angle = wB + iB * (joint.Limit == JointLimit.None ? torqueB : torqueB + impulseAngle);
    }

    private static (float X, float Y) Solve22(in JointConstraint joint, float x, float y)
    {
        float determinant = 1.0f / (joint.K11 * joint.K22 - joint.K12 * joint.K12);
        return (determinant * (joint.K22 * x - joint.K12 * y), determinant * (joint.K11 * y - joint.K12 * x));
    }

    private static (float X, float Y, float Z) Solve33(in JointConstraint joint, float x, float y, float z)
    {
        var first = (joint.K11, joint.K12, joint.K13);
        var second = (joint.K12, joint.K22, joint.K23);
        var third = (joint.K13, joint.K23, joint.K33);
        var right = (x, y, z);
        float determinant = 1.0f / Dot(first, Cross(second, third));
        return (
            determinant * Dot(right, Cross(second, third)),
            determinant * Dot(first, Cross(right, third)),
            determinant * Dot(first, Cross(second, right)));
    }

    private static float Dot((float X, float Y, float Z) a, (float X, float Y, float Z) b) =>
        a.X * b.X + a.Y * b.Y + a.Z * b.Z;

    private static (float X, float Y, float Z) Cross((float X, float Y, float Z) a, (float X, float Y, float Z) b) =>
        (a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
}
