using System.Numerics;
using Box2D.NetStandard.Collision.Shapes;
using Box2D.NetStandard.Dynamics.Bodies;
using Box2D.NetStandard.Dynamics.Fixtures;
using Box2D.NetStandard.Dynamics.Joints.Revolute;
using Box2D.NetStandard.Dynamics.World;

namespace Dqn.CarRacing;

/// <summary>
/// The car's rigid bodies on a general engine, Box2D.NetStandard 2.4.7-alpha: hull, four wheels on revolute joints with
/// motor and limits, the tiles as static sensors, a contact listener.
/// <code>new CarRacingEnvironment(options, new Box2DCarDynamics())</code>
/// </summary>
/// <remarks>
/// The same car, not the same trajectories: <see cref="ExactCarDynamics"/>, the default, is the one that reproduces
/// Gymnasium. This one is for putting more than the car into the <see cref="World"/>. What differs:
/// <list type="bullet">
/// <item>the joint solver is Box2D 2.4's, which treats motor, limits and pivot one after the other: a held steering
/// angle settles at 0.400, where Box2D 2.3's overshoots the limit to 0.420;</item>
/// <item>in this version a motor's and a limit's impulses are not kept from step to step (warm starting tests the
/// opposite of what it means to), only the pivot's are;</item>
/// <item>sines are the platform's.</item>
/// </list>
/// In the first second the two agree to a millimetre while the wheels stay within their limits, and part by decimetres
/// where a wheel is held against one; over a lap by the same driver the return is the same within 5 %. A step allocates
/// 5 to 11 KB (the exact one nothing). The state cannot be saved. Not safe for concurrent use.
/// </remarks>
public sealed class Box2DCarDynamics : ICarDynamics
{
    private const float TimeStep = 1.0f / 50;
    private const int VelocityIterations = 6 * 30;
    private const int PositionIterations = 2 * 30;

    // Wheels touch what is in the first category only: not each other.
    private const ushort EverythingElse = 0x0001;
    private const ushort WheelCategory = 0x0020;

    private readonly RevoluteJoint[] _joints = new RevoluteJoint[CarShape.Wheels];
    private readonly Body[] _wheels = new Body[CarShape.Wheels];
    private readonly TileContactListener _listener = new();
    private World? _world;
    private Body? _hull;

    /// <inheritdoc/>
    public BodyState Hull => State(_hull);

    /// <summary>
    /// The world that the car is in, a new one from each <see cref="Reset"/>; what is added to it lives until the next.
    /// Its contact listener is the one that reports the tiles.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called before <see cref="Reset"/>.</exception>
    public World World => _world ?? throw NotReady();

    /// <inheritdoc/>
    public BodyState Wheel(int wheel) => State(_wheels[wheel]);

    /// <inheritdoc/>
    public float JointAngle(int wheel) => Joint(wheel).JointAngle;

    /// <inheritdoc/>
    public void Reset(Track track, CarPose pose)
    {
        ArgumentNullException.ThrowIfNull(track);
        if (track.Tiles.IsEmpty)
            throw new ArgumentException("Expected a track with tiles, got none.", nameof(track));

        _world = new World(Vector2.Zero);
        _world.SetContactListener(_listener);
        AddTiles(_world, track.Tiles);
        AddCar(_world, pose);
    }

    /// <inheritdoc/>
    public void SetMotorSpeed(int wheel, float speed) => Joint(wheel).SetMotorSpeed(speed);

    /// <inheritdoc/>
    public void ApplyForce(int wheel, float forceX, float forceY) =>
        (_wheels[wheel] ?? throw NotReady()).ApplyForceToCenter(new Vector2(forceX, forceY));

    /// <inheritdoc/>
    public void Step(List<TileContact> contacts)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        _listener.Contacts = contacts;
        World.Step(TimeStep, VelocityIterations, PositionIterations);
    }

    private static void AddTiles(World world, ReadOnlySpan<TrackTile> tiles)
    {
        // All on one body: the engine walks over the bodies several times a step.
        Body road = world.CreateBody(new BodyDef { type = BodyType.Static });
        for (int i = 0; i < tiles.Length; i++)
        {
            Quad quad = tiles[i].Road;
            road.CreateFixture(new FixtureDef
            {
                shape = new PolygonShape(
                    new Vector2((float)quad.X0, (float)quad.Y0), new Vector2((float)quad.X1, (float)quad.Y1),
                    new Vector2((float)quad.X2, (float)quad.Y2), new Vector2((float)quad.X3, (float)quad.Y3)),
                isSensor = true,
                userData = new TileContactListener.Tile(i),
            });
        }
    }

    private void AddCar(World world, CarPose pose)
    {
        var angle = (float)pose.Angle;
        _hull = world.CreateBody(new BodyDef
        {
            type = BodyType.Dynamic,
            position = new Vector2((float)pose.X, (float)pose.Y),
            angle = angle,
        });
        for (int part = 0; part < CarShape.HullParts; part++)
        {
            _hull.CreateFixture(new FixtureDef
            {
                shape = new PolygonShape(CarShape.HullCorners(part).ToArray()),
                density = CarShape.HullDensity,
                userData = new TileContactListener.CarPart(0),
            });
        }

        for (int wheel = 0; wheel < CarShape.Wheels; wheel++)
        {
            (double x, double y) = CarShape.WheelAnchor(wheel);
            (double placeX, double placeY) = pose.Wheel(x, y);
            Body body = world.CreateBody(new BodyDef
            {
                type = BodyType.Dynamic,
                position = new Vector2((float)placeX, (float)placeY),
                angle = angle,
            });
            body.CreateFixture(new FixtureDef
            {
                shape = new PolygonShape(CarShape.WheelCorners.ToArray()),
                density = CarShape.WheelDensity,
                filter = new Filter { categoryBits = WheelCategory, maskBits = EverythingElse },
                userData = new TileContactListener.CarPart(1 + wheel),
            });
            _wheels[wheel] = body;
            _joints[wheel] = (RevoluteJoint)world.CreateJoint(new RevoluteJointDef
            {
                bodyA = _hull,
                bodyB = body,
                localAnchorA = new Vector2((float)x, (float)y),
                localAnchorB = Vector2.Zero,
                enableMotor = true,
                enableLimit = true,
                maxMotorTorque = CarShape.SteeringTorque,
                lowerAngle = -CarShape.SteeringLimit,
                upperAngle = CarShape.SteeringLimit,
            });
        }
    }

    private static BodyState State(Body? body)
    {
        if (body is null)
            throw NotReady();
        var rotation = body.Transform.q;
        Vector2 position = body.Position, velocity = body.GetLinearVelocity();
        return new BodyState(
            position.X, position.Y, body.GetAngle(), rotation.M12, rotation.M11, velocity.X, velocity.Y,
            body.GetAngularVelocity());
    }

    private RevoluteJoint Joint(int wheel) => _joints[wheel] ?? throw NotReady();

    private static InvalidOperationException NotReady() => new("Car dynamics: Reset has to be called first.");
}
