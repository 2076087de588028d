using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.CarRacing;

/// <summary>
/// Solves the four joints for velocities: 180 iterations of <c>b2RevoluteJoint::SolveVelocityConstraints</c> over the
/// joints from the last wheel to the first, bit for bit, without computing those that repeat.
/// </summary>
/// <remarks>
/// Most often, after four or five iterations a further one leaves every velocity as it is (or two leave it as it was
/// before them), while the impulses go on collecting remainders that are too small to move anything. What an iteration
/// does follows from the velocities, from what the motors' limited impulses let through, and from which side of zero
/// the limits' impulses are on. While these repeat, so does everything that the iteration adds to the impulses: the
/// remaining iterations are additions of known numbers, as many as there are, for each of which it is checked that
/// motors and limits still do the same. As soon as one does not, the next iteration is computed in full again.
/// </remarks>
internal static class VelocitySolver
{
    /// <summary>Velocity iterations a step; Gymnasium asks for 6 · 30.</summary>
    public const int Iterations = 180;

    private const int Joints = CarShape.Wheels;

    // Velocities of the four wheels, component by component, at the start of an iteration.
    [InlineArray(Joints)]
    private struct Lanes
    {
        private float _first;
    }

    private struct Wheels
    {
        public Lanes X, Y, Angle;

        public readonly bool Equals(in Wheels other) =>
            (Bits(X) ^ Bits(other.X) | Bits(Y) ^ Bits(other.Y) | Bits(Angle) ^ Bits(other.Angle))
            == Vector128<int>.Zero;

        private static Vector128<int> Bits(in Lanes lanes) => Load(lanes).AsInt32();
    }

    // What one iteration did, by joint.
    private struct Record
    {
        public Lanes Motor; // what the motor wanted to add to its impulse
        public Lanes MotorGot; // and what it could
        public Lanes X, Y, Limit; // what was added to the other impulses
        public Lanes LimitSide; // 1 or −1 where a limit pushes: its impulse may not get on the other side of zero
        public bool Once; // a limit's impulse was taken back: that cannot happen again
    }

    [InlineArray(4)]
    private struct Past
    {
        private Wheels _first;
    }

    /// <summary>Changes the velocities of hull (first) and wheels and the joints' impulses.</summary>
    /// <param name="joints">The joints, begun.</param>
    /// <param name="velocities">[5], the hull's first.</param>
    /// <param name="inverseMass">The hull's.</param>
    /// <param name="inverseInertia">The hull's.</param>
    [SkipLocalsInit]
    public static void Solve(
        Span<JointConstraint> joints, Span<Motion> velocities, float inverseMass, float inverseInertia)
    {
        // Iteration i reads the wheels' velocities from slot i mod 4 and writes the next, so that the last three stay.
        Unsafe.SkipInit(out Past past);
        for (int i = 0; i < Joints; i++)
        {
            past[0].X[i] = velocities[1 + i].X;
            past[0].Y[i] = velocities[1 + i].Y;
            past[0].Angle[i] = velocities[1 + i].Angle;
        }

        Record even = default, odd = default;
        var hull = velocities[0];
        Motion earlier = default;
        int iteration = 0;
        while (iteration < Iterations)
        {
            var start = hull;
            ref var record = ref (iteration & 1) == 0 ? ref even : ref odd;
            Iterate(
                joints, inverseMass, inverseInertia, ref hull, past[iteration & 3], ref past[(iteration + 1) & 3],
                ref record);
            iteration++;

            if (Same(hull, start) && past[iteration & 3].Equals(past[(iteration - 1) & 3]))
            {
                int repeated = Repeat(joints, record, record, Iterations - iteration);
                past[(iteration + repeated) & 3] = past[iteration & 3];
                past[(iteration + repeated - 1) & 3] = past[iteration & 3];
                iteration += repeated;
                earlier = hull;
            }
            else if (iteration >= 2 && Same(hull, earlier) && past[iteration & 3].Equals(past[(iteration - 2) & 3]))
            {
                ref var other = ref (iteration & 1) == 0 ? ref even : ref odd;
                int repeated = Repeat(joints, other, record, Iterations - iteration);
                var (now, before) = (past[iteration & 3], past[(iteration - 1) & 3]);
                if ((repeated & 1) != 0)
                {
                    (now, before) = (before, now);
                    (hull, start) = (start, hull);
                }

                iteration += repeated;
                past[iteration & 3] = now;
                past[(iteration - 1) & 3] = before;
                earlier = start;
            }
            else
            {
                earlier = start;
            }
        }

        velocities[0] = hull;
        ref var wheels = ref past[Iterations & 3];
        for (int i = 0; i < Joints; i++)
            velocities[1 + i] = new Motion(wheels.X[i], wheels.Y[i], wheels.Angle[i]);
    }

    // One iteration over all joints. The order of operations is Box2D's; the matrices are inverted beforehand, their
    // signs turned, which changes no bit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Iterate(
        Span<JointConstraint> joints, float mA, float iA, ref Motion hull, in Wheels from, ref Wheels to,
        ref Record record)
    {
        const float MaximumMotorImpulse = JointConstraint.MaximumMotorImpulse;
        float vAX = hull.X, vAY = hull.Y, wA = hull.Angle;
        record.Once = false;
        for (int i = Joints - 1; i >= 0; i--)
        {
            ref var joint = ref joints[i];
            float vBX = from.X[i], vBY = from.Y[i], wB = from.Angle[i];
            float mB = joint.InverseMass, iB = joint.InverseInertia;

            // Motor
            float impulse = joint.MotorMassNegated * (wB - wA - joint.MotorSpeed);
            float old = joint.MotorImpulse;
            float total = old + impulse;
            total = total < MaximumMotorImpulse ? total : MaximumMotorImpulse;
            total = -MaximumMotorImpulse > total ? -MaximumMotorImpulse : total;
            joint.MotorImpulse = total;
            record.Motor[i] = impulse;
            impulse = total - old;
            record.MotorGot[i] = impulse;
            wA -= iA * impulse;
            wB += iB * impulse;

            float errorX = vBX + -wB * joint.BY - vAX - -wA * joint.AY;
            float errorY = vBY + wB * joint.BX - vAY - wA * joint.AX;
            float impulseX, impulseY;
            if (joint.Limit == JointLimit.None)
            {
                impulseX = joint.Inverse * (joint.Negated22 * errorX - joint.Negated12 * errorY);
                impulseY = joint.Inverse * (joint.Negated11 * errorY - joint.Negated12 * errorX);
                wA -= iA * (joint.AX * impulseY - joint.AY * impulseX);
                wB += iB * (joint.BX * impulseY - joint.BY * impulseX);
            }
            else
            {
                float before = joint.LimitImpulse;
                joint.SolveLimit(
                    errorX, errorY, wB - wA, out impulseX, out impulseY, out float impulseAngle, out bool pushing);
                record.Limit[i] = impulseAngle;
                record.LimitSide[i] = !pushing ? 0f : joint.Limit == JointLimit.Lower ? 1f : -1f;
                record.Once |= !pushing && before != 0;
                wA -= iA * (joint.AX * impulseY - joint.AY * impulseX + impulseAngle);
                wB += iB * (joint.BX * impulseY - joint.BY * impulseX + impulseAngle);
            }

            joint.ImpulseX += impulseX;
            joint.ImpulseY += impulseY;
            record.X[i] = impulseX;
            record.Y[i] = impulseY;
            vAX -= mA * impulseX;
            vAY -= mA * impulseY;
            to.X[i] = vBX + mB * impulseX;
            to.Y[i] = vBY + mB * impulseY;
            to.Angle[i] = wB;
        }

        hull = new Motion(vAX, vAY, wA);
    }

    // Adds what up to `count` further iterations add that do what the records say, in turn. Returns how many did.
    private static int Repeat(Span<JointConstraint> joints, in Record first, in Record second, int count)
    {
        if (first.Once || second.Once)
            return 0;

        Lanes motorLanes = default, xLanes = default, yLanes = default, limitLanes = default;
        for (int i = 0; i < Joints; i++)
        {
            motorLanes[i] = joints[i].MotorImpulse;
            xLanes[i] = joints[i].ImpulseX;
            yLanes[i] = joints[i].ImpulseY;
            limitLanes[i] = joints[i].LimitImpulse;
        }

        var motor = Load(motorLanes);
        var x = Load(xLanes);
        var y = Load(yLanes);
        var limit = Load(limitLanes);
        var maximum = Vector128.Create(JointConstraint.MaximumMotorImpulse);

        // One repeated iteration that changes no bit of the impulses either is the last to look at.
        bool single = Unsafe.AreSame(in first, in second);
        int repeated = 0;
        for (; repeated < count; repeated++)
        {
            ref readonly var record = ref (repeated & 1) == 0 ? ref first : ref second;
            var motorNext = motor + Load(record.Motor);
            motorNext = Vector128.ConditionalSelect(Vector128.LessThan(motorNext, maximum), motorNext, maximum);
            motorNext = Vector128.ConditionalSelect(Vector128.LessThan(motorNext, -maximum), -maximum, motorNext);
            var limitNext = limit + Load(record.Limit);
            if ((motorNext - motor).AsInt32() != Load(record.MotorGot).AsInt32()
                || Vector128.LessThanAny(limitNext * Load(record.LimitSide), Vector128<float>.Zero))
            {
                break;
            }

            var xNext = x + Load(record.X);
            var yNext = y + Load(record.Y);
            if (single && (Changed(motor, motorNext) | Changed(limit, limitNext) | Changed(x, xNext)
                | Changed(y, yNext)) == Vector128<int>.Zero)
            {
                repeated = count;
                break;
            }

            motor = motorNext;
            limit = limitNext;
            x = xNext;
            y = yNext;
        }

        for (int i = 0; i < Joints; i++)
        {
            joints[i].MotorImpulse = motor[i];
            joints[i].ImpulseX = x[i];
            joints[i].ImpulseY = y[i];
            joints[i].LimitImpulse = limit[i];
        }

        return repeated;
    }

    private static Vector128<int> Changed(Vector128<float> a, Vector128<float> b) => a.AsInt32() ^ b.AsInt32();

    private static bool Same(in Motion a, in Motion b) =>
        BitConverter.SingleToInt32Bits(a.X) == BitConverter.SingleToInt32Bits(b.X)
        && BitConverter.SingleToInt32Bits(a.Y) == BitConverter.SingleToInt32Bits(b.Y)
        && BitConverter.SingleToInt32Bits(a.Angle) == BitConverter.SingleToInt32Bits(b.Angle);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Load(in Lanes lanes) => Unsafe.BitCast<Lanes, Vector128<float>>(lanes);
}
