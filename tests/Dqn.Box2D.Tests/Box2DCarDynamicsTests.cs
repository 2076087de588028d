using System.Numerics;
using Box2D.NetStandard.Collision.Shapes;
using Box2D.NetStandard.Dynamics.Bodies;
using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.CarRacing;

/// <summary>Box2D.NetStandard's car beside the exact one: the same car, and how far it parts from it.</summary>
[TestFixture]
public sealed class Box2DCarDynamicsTests
{
    [Test]
    public void A_lap_returns_what_the_exact_dynamics_return([Values(1UL, 2UL, 3UL)] ulong seed)
    {
        (double Return, int Frames, bool Finished) exact = Lap(new ExactCarDynamics(), seed);
        (double Return, int Frames, bool Finished) engine = Lap(new Box2DCarDynamics(), seed);
        TestContext.Out.WriteLine($"exact {exact}, Box2D.NetStandard {engine}");

        Assert.That(exact.Finished && engine.Finished, "both make the lap");
        Assert.That(engine.Return, Is.EqualTo(exact.Return).Within(5).Percent);
    }

    [Test]
    public void The_first_second_is_the_same_to_centimetres([Values(0UL, 7UL, 20UL)] ulong seed)
    {
        // Off with full gas, then left and right within the joints' limits.
        double apart = Apart(seed, frame => new CarControls(frame < 20 ? 0 : frame < 35 ? -0.3 : 0.3, 1, 0));
        Assert.That(apart, Is.LessThan(0.01));
    }

    [Test]
    public void Where_the_wheels_are_held_against_their_limits_it_parts_sooner()
    {
        double apart = Apart(1, frame => new CarControls(frame < 20 ? 0 : frame < 35 ? -1 : 1, 1, 0));
        Assert.That(apart, Is.InRange(0.03, 2));
    }

    [Test]
    public void A_held_steering_angle_settles_at_the_limit_where_the_exact_one_overshoots_it()
    {
        Assert.That(HeldAngle(new Box2DCarDynamics()), Is.EqualTo(0.400).Within(0.002));
        Assert.That(HeldAngle(new ExactCarDynamics()), Is.EqualTo(0.420).Within(0.002));
    }

    [Test]
    public void The_same_seed_and_actions_make_the_same_episode_in_a_used_environment()
    {
        using var environment = new CarRacingEnvironment(null, new Box2DCarDynamics());
        List<BodyState> first = Drive(), second = Drive();
        Assert.That(second, Is.EqualTo(first));

        List<BodyState> Drive()
        {
            environment.Reset(11);
            var driver = new LapDriver();
            var states = new List<BodyState>();
            for (int frame = 0; frame < 200; frame++)
            {
                environment.Step(driver.Choose(environment));
                states.Add(environment.Car.Dynamics.Hull);
            }

            return states;
        }
    }

    [Test]
    public void It_is_an_environment_like_any_other() =>
        EnvironmentConformance.Check(() => new CarRacingEnvironment(null, new Box2DCarDynamics()));

    [Test]
    public void What_is_added_to_the_world_stands_in_the_way()
    {
        var dynamics = new Box2DCarDynamics();
        using var environment = new CarRacingEnvironment(null, dynamics);
        environment.Reset(1);
        BodyState start = dynamics.Hull;
        var wall = new Vector2(start.X - start.Sine * 20, start.Y + start.Cosine * 20);
        dynamics.World.CreateBody(new BodyDef { position = wall, angle = start.Angle })
            .CreateFixture(new PolygonShape(20, 1));
        for (int frame = 0; frame < 300; frame++)
            environment.Step(3);

        // The wall's face is 19 m ahead, the car's nose 2.6 m before its origin.
        Assert.That(Distance(start, dynamics.Hull), Is.EqualTo(19 - 2.6).Within(1.5));
    }

    [Test]
    public void A_step_allocates_some_kilobytes()
    {
        using var environment = new CarRacingEnvironment(null, new Box2DCarDynamics());
        environment.Reset(1);
        var driver = new LapDriver();
        const int Frames = 500;
        for (int frame = 0; frame < 100; frame++)
            environment.Step(driver.Choose(environment));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int frame = 0; frame < Frames; frame++)
            environment.Step(driver.Choose(environment));
        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Frames;
        TestContext.Out.WriteLine($"{bytes:0} bytes a step");
        Assert.That(bytes, Is.InRange(1_000, 12_000));
    }

    [Test]
    public void Its_state_cannot_be_saved_and_says_so()
    {
        using var environment = new CarRacingEnvironment(null, new Box2DCarDynamics());
        environment.Reset(1);
        Assert.That(environment.CanSaveState, Is.False);
        Assert.That(
            () => environment.SaveState(new BinaryWriter(Stream.Null)),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains(nameof(Box2DCarDynamics)));
    }

    [Test]
    public void Before_the_first_reset_there_is_no_car()
    {
        var dynamics = new Box2DCarDynamics();
        Assert.That(() => dynamics.Hull, Throws.InvalidOperationException);
        Assert.That(() => dynamics.Wheel(0), Throws.InvalidOperationException);
        Assert.That(() => dynamics.JointAngle(0), Throws.InvalidOperationException);
        Assert.That(() => dynamics.World, Throws.InvalidOperationException);
        Assert.That(() => dynamics.Step([]), Throws.InvalidOperationException);
        Assert.That(() => dynamics.ApplyForce(0, 1, 1), Throws.InvalidOperationException);
    }

    private static (double Return, int Frames, bool Finished) Lap(ICarDynamics dynamics, ulong seed)
    {
        using var environment = new CarRacingEnvironment(null, dynamics);
        environment.Reset(seed);
        var driver = new LapDriver();
        double sum = 0;
        for (int frame = 1; frame <= 3000; frame++)
        {
            StepResult result = environment.Step(driver.Choose(environment));
            sum += result.Reward;
            if (result.Ended)
                return (sum, frame, environment.TilesVisited == environment.Track.Tiles.Length);
        }

        return (sum, 3000, false);
    }

    // The greatest distance between the two cars' hulls and wheels within a second, metres.
    private static double Apart(ulong seed, Func<int, CarControls> drive)
    {
        using var exact = new CarRacingEnvironment();
        using var engine = new CarRacingEnvironment(null, new Box2DCarDynamics());
        exact.Reset(seed);
        engine.Reset(seed);
        double worst = 0;
        for (int frame = 0; frame < 50; frame++)
        {
            exact.Step(drive(frame));
            engine.Step(drive(frame));
            worst = Math.Max(worst, Distance(exact.Car.Dynamics.Hull, engine.Car.Dynamics.Hull));
            for (int wheel = 0; wheel < 4; wheel++)
                worst = Math.Max(worst, Distance(exact.Car.Dynamics.Wheel(wheel), engine.Car.Dynamics.Wheel(wheel)));
        }

        BodyState hull = exact.Car.Dynamics.Hull;
        double speed = Math.Sqrt(hull.VelocityX * hull.VelocityX + hull.VelocityY * hull.VelocityY);
        TestContext.Out.WriteLine($"{worst * 1000:0.0} mm apart at most, at {speed:0.0} m/s in the end");
        Assert.That(speed, Is.GreaterThan(5), "the car has driven off");
        Assert.That(engine.TilesVisited, Is.EqualTo(exact.TilesVisited));
        Assert.That(Tiles(engine), Is.EqualTo(Tiles(exact)));
        return worst;

        static int[] Tiles(CarRacingEnvironment environment) =>
            [.. environment.Car.Wheels.ToArray().Select(wheel => wheel.Tiles)];
    }

    private static float HeldAngle(ICarDynamics dynamics)
    {
        using var environment = new CarRacingEnvironment(null, dynamics);
        environment.Reset(1);
        for (int frame = 0; frame < 60; frame++)
            environment.Step(3);
        for (int frame = 0; frame < 60; frame++)
            environment.Step(2);
        return dynamics.JointAngle(0);
    }

    private static double Distance(BodyState a, BodyState b) =>
        Math.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y));
}
