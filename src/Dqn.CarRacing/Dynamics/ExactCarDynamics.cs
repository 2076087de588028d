namespace Dqn.CarRacing;

/// <summary>
/// The car's rigid bodies with the arithmetic of Box2D 2.3 (as pybox2d 2.3.10 builds it), bit for bit: a hull and four
/// wheels on revolute joints, in a world without gravity whose only other inhabitants are the tiles, as sensors. No
/// general engine: what CarRacing does not use is left out.
/// </summary>
/// <remarks>
/// What exactness rests on:
/// <list type="bullet">
/// <item>single precision throughout, every operation rounded, none fused, in Box2D's order;</item>
/// <item>1/50 s a step, 180 velocity iterations, at most 60 position iterations, of which the first that finds every
/// joint within tolerance is the last;</item>
/// <item>the order in which an island collects the joints, which is the order in which they are solved: the search
/// starts at the body created last, the rear right wheel, goes over its joint to the hull and from there through the
/// hull's joints, the last created first: rear right, rear left, front right, front left;</item>
/// <item>impulses are kept from step to step and applied at the start of the next (warm starting);</item>
/// <item>sleeping: half a second of rest puts all five bodies to sleep together, which takes what is left of their
/// motion; setting a motor's speed or applying a force wakes them before the next step.</item>
/// </list>
/// </remarks>
public sealed class ExactCarDynamics : ICarDynamics
{
    private const int Bodies = 1 + CarShape.Wheels;
    private const float TimeStep = 0.02f;
    private const int PositionIterations = 60;

    // Hull, then the wheels.
    private readonly RigidBody[] _bodies = new RigidBody[Bodies];
    private readonly JointConstraint[] _joints = new JointConstraint[CarShape.Wheels];
    private readonly Motion[] _velocities = new Motion[Bodies];
    private readonly Motion[] _positions = new Motion[Bodies];
    private readonly TileSensors _sensors = new();
    private bool _ready;

    /// <summary>A car's rigid bodies; call <see cref="Reset"/> before anything else.</summary>
    public ExactCarDynamics()
    {
        SetMass(ref _bodies[0], CarShape.Hull, CarShape.HullDensity);
        for (int wheel = 0; wheel < CarShape.Wheels; wheel++)
        {
            ref var body = ref _bodies[1 + wheel];
            SetMass(ref body, [CarShape.Wheel], CarShape.WheelDensity);

            var (x, y) = CarShape.WheelPosition[wheel];
            ref var joint = ref _joints[wheel];
            joint.LocalAX = (float)x - _bodies[0].LocalCenterX;
            joint.LocalAY = (float)y - _bodies[0].LocalCenterY;
            joint.LocalBX = 0f - body.LocalCenterX;
            joint.LocalBY = 0f - body.LocalCenterY;
            joint.InverseMass = body.InverseMass;
            joint.InverseInertia = body.InverseInertia;
        }
    }

    /// <summary>Hull and wheels.</summary>
    internal ReadOnlySpan<RigidBody> RigidBodies => _bodies;

    /// <summary>The wheels' joints.</summary>
    internal ReadOnlySpan<JointConstraint> Joints => _joints;

    /// <inheritdoc/>
    public BodyState Hull => _bodies[0].State;

    /// <inheritdoc/>
    public bool CanSaveState => true;

    /// <inheritdoc/>
    public BodyState Wheel(int wheel) => _bodies[1 + wheel].State;

    /// <inheritdoc/>
    public float JointAngle(int wheel) => _bodies[1 + wheel].Angle - _bodies[0].Angle;

    /// <inheritdoc/>
    public void Reset(Track track, CarPose pose)
    {
        ArgumentNullException.ThrowIfNull(track);
        if (track.Tiles.IsEmpty)
            throw new ArgumentException("Expected a track with tiles, got none.", nameof(track));

        float angle = (float)pose.Angle;
        _bodies[0].Place((float)pose.X, (float)pose.Y, angle);
        for (int wheel = 0; wheel < CarShape.Wheels; wheel++)
        {
            var (x, y) = CarShape.WheelPosition[wheel];
            var place = pose.Wheel(x, y);
            _bodies[1 + wheel].Place((float)place.X, (float)place.Y, angle);
            ref var joint = ref _joints[wheel];
            joint.ImpulseX = joint.ImpulseY = joint.LimitImpulse = joint.MotorImpulse = joint.MotorSpeed = 0;
            joint.Limit = JointLimit.None;
        }

        _sensors.Reset(track.Tiles, _bodies);
        _ready = true;
    }

    /// <inheritdoc/>
    public void SetMotorSpeed(int wheel, float speed)
    {
        _bodies[0].Wake();
        _bodies[1 + wheel].Wake();
        _joints[wheel].MotorSpeed = speed;
    }

    /// <inheritdoc/>
    public void ApplyForce(int wheel, float forceX, float forceY)
    {
        ref var body = ref _bodies[1 + wheel];
        body.Wake();
        body.ForceX += forceX;
        body.ForceY += forceY;
    }

    /// <inheritdoc/>
    public void Step(List<TileContact> contacts)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        if (!_ready)
            throw new InvalidOperationException("Car dynamics: Reset has to be called before Step.");

        // New fixtures look for contacts before the world's next step; later the end of each step does. Looking again
        // finds nothing new.
        _sensors.FindContacts();
        _sensors.Collide(_bodies, contacts);

        // One awake body wakes the others, being joined.
        bool awake = false;
        foreach (ref readonly var body in _bodies.AsSpan())
            awake |= body.Awake;
        if (awake)
            Solve();
        foreach (ref var body in _bodies.AsSpan())
            body.ForceX = body.ForceY = 0;
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (ref readonly var body in _bodies.AsSpan())
            body.Save(writer);
        foreach (ref readonly var joint in _joints.AsSpan())
            joint.Save(writer);
        _sensors.Save(writer);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (!_ready)
            throw new InvalidOperationException("Car dynamics: Reset has to be called before LoadState.");
        foreach (ref var body in _bodies.AsSpan())
            body.Load(reader);
        foreach (ref var joint in _joints.AsSpan())
            joint.Load(reader);
        _sensors.Load(reader, _bodies);
    }

    // b2Island::Solve
    private void Solve()
    {
        for (int i = 0; i < Bodies; i++)
        {
            ref var body = ref _bodies[i];
            body.Wake();
            _positions[i] = new Motion(body.CenterX, body.CenterY, body.Angle);

            // The added zeros are gravity and torque: they turn a negative zero into a positive one.
            _velocities[i] = new Motion(
                body.VelocityX + TimeStep * (0f + body.InverseMass * body.ForceX),
                body.VelocityY + TimeStep * (0f + body.InverseMass * body.ForceY),
                body.AngularVelocity + TimeStep * body.InverseInertia * 0f);
        }

        for (int i = CarShape.Wheels - 1; i >= 0; i--)
            _joints[i].Begin(_bodies[0], _bodies[1 + i], ref _velocities[0], ref _velocities[1 + i]);
        VelocitySolver.Solve(_joints, _velocities, _bodies[0].InverseMass, _bodies[0].InverseInertia);

        for (int i = 0; i < Bodies; i++)
            Integrate(ref _positions[i], ref _velocities[i]);

        bool solved = false;
        for (int iteration = 0; iteration < PositionIterations && !solved; iteration++)
        {
            solved = true;
            for (int i = CarShape.Wheels - 1; i >= 0; i--)
                solved &= _joints[i].SolvePosition(_bodies[0], ref _positions[0], ref _positions[1 + i]);
        }

        bool rested = true;
        for (int i = 0; i < Bodies; i++)
        {
            ref var body = ref _bodies[i];
            var old = body.Frame();
            (body.CenterX, body.CenterY, body.Angle) = (_positions[i].X, _positions[i].Y, _positions[i].Angle);
            (body.VelocityX, body.VelocityY, body.AngularVelocity) =
                (_velocities[i].X, _velocities[i].Y, _velocities[i].Angle);
            body.UpdateFrame();
            rested &= body.Rest(TimeStep);
            _sensors.Follow(i, body, body.X - old.X, body.Y - old.Y);
        }

        if (rested && solved)
        {
            foreach (ref var body in _bodies.AsSpan())
                body.Sleep();
        }

        _sensors.FindContacts();
    }

    private static void Integrate(ref Motion position, ref Motion velocity)
    {
        const float MaximumTranslation = 2.0f;
        const float MaximumRotation = 0.5f * 3.14159265359f;

        float x = TimeStep * velocity.X, y = TimeStep * velocity.Y;
        if (x * x + y * y > MaximumTranslation * MaximumTranslation)
        {
            float ratio = MaximumTranslation / MathF.Sqrt(x * x + y * y);
            velocity.X *= ratio;
            velocity.Y *= ratio;
        }

        float rotation = TimeStep * velocity.Angle;
        if (rotation * rotation > MaximumRotation * MaximumRotation)
            velocity.Angle *= MaximumRotation / Math.Abs(rotation);

        position.X += TimeStep * velocity.X;
        position.Y += TimeStep * velocity.Y;
        position.Angle += TimeStep * velocity.Angle;
    }

    // b2Body::ResetMassData, which sums over the parts from the last to the first.
    private static void SetMass(ref RigidBody body, ReadOnlySpan<ConvexPolygon> parts, float density)
    {
        float mass = 0, inertia = 0, centerX = 0, centerY = 0;
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            var part = parts[i].MassData(density);
            mass += part.Mass;
            centerX += part.Mass * part.CenterX;
            centerY += part.Mass * part.CenterY;
            inertia += part.Inertia;
        }

        body.InverseMass = 1.0f / mass;
        centerX *= body.InverseMass;
        centerY *= body.InverseMass;
        inertia -= mass * (centerX * centerX + centerY * centerY);
        body.InverseInertia = 1.0f / inertia;
        (body.LocalCenterX, body.LocalCenterY) = (centerX, centerY);
    }
}
