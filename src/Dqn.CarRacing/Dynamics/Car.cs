using System.Runtime.InteropServices;

namespace Dqn.CarRacing;

/// <summary>
/// The car's engine, brakes, steering and tyres over rigid bodies: rear-wheel drive, front-wheel steering, tyres that
/// slide when the force they need exceeds their grip. Gymnasium's <c>car_dynamics.py</c>, every operation in the same
/// order and precision. Not safe for concurrent use.
/// </summary>
public sealed class Car
{
    // Named and computed as in the reference, so that every product rounds as it does there.
    private const double Size = CarShape.Size;
    private const double EnginePower = 100000000 * Size * Size;
    private const double WheelMomentOfInertia = 4000 * Size * Size;
    private const double FrictionLimit = 1000000 * Size * Size;
    private const double GrassFriction = FrictionLimit * 0.6;
    private const double RoadFriction = FrictionLimit * 1.0;
    private const double TyreStiffness = 205000 * Size * Size;
    private const double BrakeForce = 15;
    private const double TimeStep = 1.0 / 50;

    private readonly WheelState[] _wheels = new WheelState[CarShape.Wheels];
    private readonly List<TileContact> _contacts = new(64);
    private readonly SkidTrails _skidMarks = new();
    private bool _ready;

    /// <summary>A car on the given rigid bodies; call <see cref="Reset"/> before anything else.</summary>
    public Car(ICarDynamics dynamics)
    {
        ArgumentNullException.ThrowIfNull(dynamics);
        Dynamics = dynamics;
    }

    /// <summary>The rigid bodies.</summary>
    public ICarDynamics Dynamics { get; }

    /// <summary>The wheels: front left, front right, rear left, rear right.</summary>
    public ReadOnlySpan<WheelState> Wheels => _wheels;

    /// <summary>The touches of tiles that began and ended in the last <see cref="Step"/>, in order.</summary>
    public ReadOnlySpan<TileContact> Contacts => CollectionsMarshal.AsSpan(_contacts);

    /// <summary>The lines that sliding tyres left, oldest first, at most 30; reused: copy what you keep.</summary>
    internal IReadOnlyList<SkidMark> SkidMarks => _skidMarks;

    /// <summary>Energy that the engine has taken since <see cref="Reset"/>, joules.</summary>
    public double FuelSpent { get; private set; }

    /// <summary>Places a new car at rest on a track.</summary>
    /// <param name="track">The road.</param>
    /// <param name="pose">Where; null for <see cref="CarPose.AtStartOf"/>.</param>
    public void Reset(Track track, CarPose? pose = null)
    {
        ArgumentNullException.ThrowIfNull(track);
        Dynamics.Reset(track, pose ?? CarPose.AtStartOf(track));
        _wheels.AsSpan().Clear();
        _contacts.Clear();
        _skidMarks.Clear();
        FuelSpent = 0;
        _ready = true;
    }

    /// <summary>Sets the angle that the front wheels strive for.</summary>
    /// <param name="angle">Radians, positive left; what lies beyond ±0.4 is stopped by the joints.</param>
    public void Steer(double angle)
    {
        _wheels[0].Steer = angle;
        _wheels[1].Steer = angle;
    }

    /// <summary>Sets the throttle of the rear wheels, which opens by at most 0.1 a call and closes at once.</summary>
    /// <param name="gas">Clipped to 0 … 1.</param>
    public void Gas(double gas)
    {
        gas = Math.Min(Math.Max(gas, 0), 1);
        foreach (ref var wheel in _wheels.AsSpan(2))
        {
            double difference = gas - wheel.Gas;
            if (difference > 0.1)
                difference = 0.1;
            wheel.Gas += difference;
        }
    }

    /// <summary>Sets the brake of all wheels.</summary>
    /// <param name="brake">0 … 1; from 0.9 it blocks the wheels.</param>
    public void Brake(double brake)
    {
        foreach (ref var wheel in _wheels.AsSpan())
            wheel.Brake = brake;
    }

    /// <summary>Advances by 1/50 s: the tyres' forces from the present speeds, then the rigid bodies.</summary>
    /// <exception cref="InvalidOperationException">Called before <see cref="Reset"/>.</exception>
    public void Step()
    {
        if (!_ready)
            throw new InvalidOperationException("Car: Reset has to be called before Step.");
        for (int wheel = 0; wheel < _wheels.Length; wheel++)
            Drive(wheel, ref _wheels[wheel]);

        _contacts.Clear();
        Dynamics.Step(_contacts);
        foreach (var contact in Contacts)
            if (contact.Body > 0)
                _wheels[contact.Body - 1].Tiles += contact.Begin ? 1 : -1;
    }

    /// <summary>Writes everything that the coming steps depend on; the track is not part of it.</summary>
    /// <exception cref="NotSupportedException">The rigid bodies cannot save their state.</exception>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Dynamics.SaveState(writer);
        foreach (ref readonly var wheel in Wheels)
        {
            writer.Write(wheel.Omega);
            writer.Write(wheel.Phase);
            writer.Write(wheel.Gas);
            writer.Write(wheel.Brake);
            writer.Write(wheel.Steer);
            writer.Write(wheel.Tiles);
        }

        writer.Write(FuelSpent);
        _skidMarks.Save(writer);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote, after <see cref="Reset"/> with the same track.</summary>
    /// <exception cref="InvalidDataException">The data is not such a state.</exception>
    /// <exception cref="InvalidOperationException">Called before <see cref="Reset"/>.</exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (!_ready)
            throw new InvalidOperationException("Car: Reset has to be called before LoadState.");
        Dynamics.LoadState(reader);
        foreach (ref var wheel in _wheels.AsSpan())
        {
            wheel.Omega = reader.ReadDouble();
            wheel.Phase = reader.ReadDouble();
            wheel.Gas = reader.ReadDouble();
            wheel.Brake = reader.ReadDouble();
            wheel.Steer = reader.ReadDouble();
            wheel.Tiles = reader.ReadInt32();
            if (wheel.Tiles < 0)
                throw new InvalidDataException($"Car: expected a number of tiles, got {wheel.Tiles}.");
            if (!double.IsFinite(wheel.Omega + wheel.Phase + wheel.Gas + wheel.Brake + wheel.Steer))
                throw new InvalidDataException("Car: expected finite numbers of a wheel.");
        }

        FuelSpent = reader.ReadDouble();
        _skidMarks.Load(reader);
        _contacts.Clear();
    }

    // Box2D's single-precision values are widened to double when Python reads them and rounded when it sets them; all
    // that lies between is double, in the reference's order.
    private void Drive(int index, ref WheelState wheel)
    {
        double error = wheel.Steer - Dynamics.JointAngle(index);
        double speed = 50.0 * Math.Abs(error);
        Dynamics.SetMotorSpeed(index, (float)(Sign(error) * (3.0 < speed ? 3.0 : speed)));

        bool onGrass = wheel.Tiles == 0;
        double grip = onGrass ? GrassFriction : RoadFriction;

        var body = Dynamics.Wheel(index);
        // The body's rotation applied to (0, 1) and (1, 0), in single precision.
        double forwardX = body.Cosine * 0f - body.Sine * 1f, forwardY = body.Sine * 0f + body.Cosine * 1f;
        double sideX = body.Cosine * 1f - body.Sine * 0f, sideY = body.Sine * 1f + body.Cosine * 0f;
        double velocityX = body.VelocityX, velocityY = body.VelocityY;
        double forwardSpeed = forwardX * velocityX + forwardY * velocityY;
        double sideSpeed = sideX * velocityX + sideY * velocityY;

        double omega = wheel.Omega;
        omega += TimeStep * EnginePower * wheel.Gas / WheelMomentOfInertia / (Math.Abs(omega) + 5.0);
        FuelSpent += TimeStep * EnginePower * wheel.Gas;

        if (wheel.Brake >= 0.9)
        {
            omega = 0;
        }
        else if (wheel.Brake > 0)
        {
            double slowing = BrakeForce * wheel.Brake;
            if (Math.Abs(slowing) > Math.Abs(omega))
                slowing = Math.Abs(omega);
            omega += -Sign(omega) * slowing;
        }

        wheel.Phase += omega * TimeStep;

        // The tyre pushes against the difference between its rolling and its travelling.
        double rollingSpeed = omega * CarShape.WheelRadius;
        double forwardForce = -forwardSpeed + rollingSpeed;
        double sideForce = -sideSpeed;
        forwardForce *= TyreStiffness;
        sideForce *= TyreStiffness;
        double force = Math.Sqrt(forwardForce * forwardForce + sideForce * sideForce);

        if (force > 2.0 * grip)
            _skidMarks.Slide(index, body.X, body.Y, onGrass);
        else
            _skidMarks.Grip(index);

        if (force > grip)
        {
            forwardForce /= force;
            sideForce /= force;
            forwardForce *= grip;
            sideForce *= grip;
        }

        omega -= TimeStep * forwardForce * CarShape.WheelRadius / WheelMomentOfInertia;
        wheel.Omega = omega;

        Dynamics.ApplyForce(
            index,
            (float)(sideForce * sideX + forwardForce * forwardX),
            (float)(sideForce * sideY + forwardForce * forwardY));
    }

    // NumPy's sign: 0 for both zeros.
    private static double Sign(double value) => value > 0 ? 1 : value < 0 ? -1 : 0;
}
