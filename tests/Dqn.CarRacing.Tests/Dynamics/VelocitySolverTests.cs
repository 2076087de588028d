using Dqn.CarRacing;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing;

public class VelocitySolverTests
{
    [Test]
    public void LeavesOutOnlyWhatWouldChangeNothing([Range(0, 5)] int seed)
    {
        var dynamics = new ComparingDynamics();
        var car = new Car(dynamics);
        car.Reset(Track.Generate(new Pcg64((ulong)seed)));
        var driver = new RandomDriver((ulong)seed);
        for (int step = 0; step < 600; step++)
        {
            driver.Act(car);
            car.Step();
        }

        Assert.That(dynamics.Compared, Is.EqualTo(600));
    }

    [Test]
    public void ResumesInFullWhereARepetitionEnds()
    {
        // Far from any real car: impulses of all sizes, motors at their limits, wheels at theirs.
        var random = new Pcg64(7);
        var bodies = new ExactCarDynamics().RigidBodies.ToArray();
        var joints = new ExactCarDynamics().Joints.ToArray();
        for (int run = 0; run < 2000; run++)
        {
            float scale = MathF.Pow(10, (float)random.Uniform(-7, 1));
            bodies[0].Place(0, 0, (float)random.Uniform(-3, 3));
            var velocities = new Motion[5];
            velocities[0] = Velocity();
            for (int i = 0; i < 4; i++)
            {
                bodies[1 + i].Place(0, 0, bodies[0].Angle + (float)random.Uniform(-0.5, 0.5));
                velocities[1 + i] = Velocity();
                joints[i].ImpulseX = Number();
                joints[i].ImpulseY = Number();
                joints[i].LimitImpulse = Math.Abs(Number()) * (bodies[1 + i].Angle < bodies[0].Angle ? 1 : -1);
                joints[i].MotorImpulse = Number() / 10;
                joints[i].MotorSpeed = (float)random.Uniform(-3, 3) * random.Integer(2);
                joints[i].Limit = random.Integer(3) switch { 0 => JointLimit.Lower, 1 => JointLimit.Upper, _ => 0 };
                joints[i].Begin(bodies[0], bodies[1 + i], ref velocities[0], ref velocities[1 + i]);
            }

            Compare.Solvers(joints, velocities, bodies[0]);

            Motion Velocity() => new(Number(), Number(), Number());
            float Number() => (float)random.Uniform(-1, 1) * scale;
        }
    }

    private static class Compare
    {
        public static (JointConstraint[] Joints, Motion[] Velocities) Solvers(
            JointConstraint[] joints, Motion[] velocities, in RigidBody hull)
        {
            JointConstraint[] plainJoints = [.. joints], solvedJoints = [.. joints];
            Motion[] plain = [.. velocities], solved = [.. velocities];
            PlainVelocitySolver.Solve(plainJoints, plain, hull.InverseMass, hull.InverseInertia);
            VelocitySolver.Solve(solvedJoints, solved, hull.InverseMass, hull.InverseInertia);
            Assert.That(Bits(solvedJoints, solved).SequenceEqual(Bits(plainJoints, plain)));
            return (plainJoints, plain);
        }

        public static int[] Bits(ReadOnlySpan<JointConstraint> joints, ReadOnlySpan<Motion> velocities)
        {
            var bits = new List<int>();
            foreach (var joint in joints)
                foreach (float value in (float[])
                    [joint.ImpulseX, joint.ImpulseY, joint.LimitImpulse, joint.MotorImpulse])
                    bits.Add(BitConverter.SingleToInt32Bits(value));
            foreach (var velocity in velocities)
                foreach (float value in (float[])[velocity.X, velocity.Y, velocity.Angle])
                    bits.Add(BitConverter.SingleToInt32Bits(value));
            return [.. bits];
        }
    }

    // Solves every step of the exact dynamics a second time, plainly.
    private sealed class ComparingDynamics : ICarDynamics
    {
        private readonly ExactCarDynamics _exact = new();

        public int Compared { get; private set; }

        public BodyState Hull => _exact.Hull;

        public void Reset(Track track, CarPose pose) => _exact.Reset(track, pose);

        public BodyState Wheel(int wheel) => _exact.Wheel(wheel);

        public float JointAngle(int wheel) => _exact.JointAngle(wheel);

        public void SetMotorSpeed(int wheel, float speed) => _exact.SetMotorSpeed(wheel, speed);

        public void ApplyForce(int wheel, float forceX, float forceY) => _exact.ApplyForce(wheel, forceX, forceY);

        public void Step(List<TileContact> contacts)
        {
            var bodies = _exact.RigidBodies.ToArray();
            var joints = _exact.Joints.ToArray();
            var velocities = new Motion[5];
            for (int i = 0; i < 5; i++)
            {
                velocities[i] = new Motion(
                    bodies[i].VelocityX + 0.02f * (0f + bodies[i].InverseMass * bodies[i].ForceX),
                    bodies[i].VelocityY + 0.02f * (0f + bodies[i].InverseMass * bodies[i].ForceY),
                    bodies[i].AngularVelocity + 0f);
            }

            for (int i = 3; i >= 0; i--)
                joints[i].Begin(bodies[0], bodies[1 + i], ref velocities[0], ref velocities[1 + i]);
            var (plainJoints, plain) = Compare.Solvers(joints, velocities, bodies[0]);
            _exact.Step(contacts);

            // Falling asleep takes the velocities, not the impulses.
            var after = _exact.RigidBodies;
            if (after[0].Awake)
            {
                var velocitiesAfter = new Motion[5];
                for (int i = 0; i < 5; i++)
                    velocitiesAfter[i] = new Motion(after[i].VelocityX, after[i].VelocityY, after[i].AngularVelocity);
                var bits = Compare.Bits(_exact.Joints, velocitiesAfter);
                Assert.That(bits.SequenceEqual(Compare.Bits(plainJoints, plain)));
            }

            Compared++;
        }
    }
}
