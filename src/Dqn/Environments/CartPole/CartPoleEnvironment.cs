using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Gymnasium's CartPole-v1: balance a pole on a cart by pushing the cart left (0) or right (1). Every step gives the
/// reward 1; the episode terminates when the cart leaves ±2.4 m or the pole leaves ±12°. Gymnasium's <c>make</c> adds a
/// limit of 500 steps; here that is <c>new CartPoleEnvironment().WithTimeLimit(500)</c>.
/// Observation, [4] floats: position (m), velocity (m/s), angle (rad), angular velocity (rad/s).
/// Source: A. Barto, R. Sutton, C. Anderson, "Neuronlike Adaptive Elements That Can Solve Difficult Learning Control
/// Problems" (1983), with the equations of R. Florian, "Correct equations for the dynamics of the cart-pole system"
/// (2007).
/// </summary>
public sealed partial class CartPoleEnvironment : IEnvironment
{
    private const double Gravity = 9.8;
    private const double PoleMass = 0.1;
    private const double TotalMass = PoleMass + 1.0;
    private const double HalfPoleLength = 0.5;
    private const double PoleMassLength = PoleMass * HalfPoleLength;
    private const double Force = 10.0;
    private const double SecondsPerStep = 0.02;
    private const double PositionLimit = 2.4;
    private const double AngleLimit = 12 * 2 * Math.PI / 360;

    private readonly Pcg64 _random = new();
    private EpisodePhase _phase = EpisodePhase.New;
    private double _x;
    private double _velocity;
    private double _angle;
    private double _angularVelocity;

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "CartPole-v1",
        ObservationShape = [4],
        ElementType = ElementType.Single,
        ActionCount = 2,
    };

    /// <inheritdoc/>
    public bool CanSaveState => true;

    /// <summary>
    /// Position (m), velocity (m/s), angle (rad) and angular velocity (rad/s), in the precision they are computed in.
    /// </summary>
    internal ImmutableArray<double> State => [_x, _velocity, _angle, _angularVelocity];

    /// <inheritdoc/>
    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        _x = _random.Uniform(-0.05, 0.05);
        _velocity = _random.Uniform(-0.05, 0.05);
        _angle = _random.Uniform(-0.05, 0.05);
        _angularVelocity = _random.Uniform(-0.05, 0.05);
        _phase = EpisodePhase.Running;
    }

    /// <inheritdoc/>
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);

        double force = action == 1 ? Force : -Force;
        double cosine = Math.Cos(_angle), sine = Math.Sin(_angle);
        double push = (force + PoleMassLength * (_angularVelocity * _angularVelocity) * sine) / TotalMass;
        double angularAcceleration = (Gravity * sine - cosine * push) /
            (HalfPoleLength * (4.0 / 3.0 - PoleMass * (cosine * cosine) / TotalMass));
        double acceleration = push - PoleMassLength * angularAcceleration * cosine / TotalMass;

        // Explicit Euler: positions move with the velocities from before the push.
        _x += SecondsPerStep * _velocity;
        _velocity += SecondsPerStep * acceleration;
        _angle += SecondsPerStep * _angularVelocity;
        _angularVelocity += SecondsPerStep * angularAcceleration;

        bool terminated = Math.Abs(_x) > PositionLimit || Math.Abs(_angle) > AngleLimit;
        if (terminated)
            _phase = EpisodePhase.Ended;
        return new StepResult(1, terminated, false);
    }

    /// <inheritdoc/>
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        var features = MemoryMarshal.Cast<byte, float>(observation);
        features[0] = (float)_x;
        features[1] = (float)_velocity;
        features[2] = (float)_angle;
        features[3] = (float)_angularVelocity;
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        writer.Write((byte)_phase);
        writer.Write(_x);
        writer.Write(_velocity);
        writer.Write(_angle);
        writer.Write(_angularVelocity);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        _phase = EpisodePhase.New;
        _random.LoadState(reader);
        var phase = EpisodePhases.Read(reader);
        _x = reader.ReadDouble();
        _velocity = reader.ReadDouble();
        _angle = reader.ReadDouble();
        _angularVelocity = reader.ReadDouble();
        if (!double.IsFinite(_x + _velocity + _angle + _angularVelocity))
            throw new InvalidDataException("CartPole-v1 state: expected finite numbers.");
        _phase = phase;
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }
}
