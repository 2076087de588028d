using System.Runtime.InteropServices;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Gymnasium's Acrobot-v1: two links hang from a joint; a motor between them swings the end above a line one link above the
/// joint. Actions: torque −1 (0), none (1), +1 Nm (2). Every step, 0.2 s, gives the reward −1, the last one 0. Gymnasium's
/// <c>make</c> adds a limit of 500 steps; here that is <c>new AcrobotEnvironment().WithTimeLimit(500)</c>.
/// Observation, [6] floats: cos θ₁, sin θ₁, cos θ₂, sin θ₂, dθ₁/dt (±4π rad/s), dθ₂/dt (±9π rad/s).
/// Source: R. Sutton, "Generalization in reinforcement learning: successful examples using sparse coarse coding" (1996),
/// with the equations of R. Sutton, A. Barto, "Reinforcement learning: an introduction".
/// </summary>
public sealed class AcrobotEnvironment : IEnvironment
{
    private const double SecondsPerStep = 0.2;
    private const double FastestUpper = 4 * Math.PI, FastestLower = 9 * Math.PI;

    private readonly Pcg64 _random = new();
    private EpisodePhase _phase = EpisodePhase.New;

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "Acrobot-v1",
        ObservationShape = [6],
        ElementType = ElementType.Single,
        ActionCount = 3,
    };

    /// <inheritdoc/>
    public bool CanSaveState => true;

    /// <summary>The links.</summary>
    internal AcrobotState State { get; set; }

    /// <inheritdoc/>
    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        State = new(Draw(), Draw(), Draw(), Draw());
        _phase = EpisodePhase.Running;

        // In single precision, as the reference begins.
        double Draw() => (float)_random.Uniform(-0.1, 0.1);
    }

    /// <inheritdoc/>
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);
        AcrobotState moved = State.After(SecondsPerStep, torque: action - 1);
        State = new(
            Wrapped(moved.Upper), Wrapped(moved.Lower), Math.Clamp(moved.UpperSpeed, -FastestUpper, FastestUpper),
            Math.Clamp(moved.LowerSpeed, -FastestLower, FastestLower));

        bool terminated = -Math.Cos(State.Upper) - Math.Cos(State.Lower + State.Upper) > 1;
        if (terminated)
            _phase = EpisodePhase.Ended;
        return new StepResult(terminated ? 0 : -1, terminated, false);
    }

    /// <inheritdoc/>
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        var features = MemoryMarshal.Cast<byte, float>(observation);
        (features[0], features[1]) = ((float)Math.Cos(State.Upper), (float)Math.Sin(State.Upper));
        (features[2], features[3]) = ((float)Math.Cos(State.Lower), (float)Math.Sin(State.Lower));
        (features[4], features[5]) = ((float)State.UpperSpeed, (float)State.LowerSpeed);
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        writer.Write((byte)_phase);
        writer.Write(State.Upper);
        writer.Write(State.Lower);
        writer.Write(State.UpperSpeed);
        writer.Write(State.LowerSpeed);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        _phase = EpisodePhase.New;
        _random.LoadState(reader);
        EpisodePhase phase = EpisodePhases.Read(reader);
        var state = new AcrobotState(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        if (!(Math.Abs(state.Upper) <= Math.PI && Math.Abs(state.Lower) <= Math.PI
            && Math.Abs(state.UpperSpeed) <= FastestUpper && Math.Abs(state.LowerSpeed) <= FastestLower))
        {
            throw new InvalidDataException($"{Spec.Name} state: expected angles up to π and speeds within their limits, got {state}.");
        }

        (State, _phase) = (state, phase);
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }

    private static double Wrapped(double angle)
    {
        while (angle > Math.PI)
            angle -= 2 * Math.PI;
        while (angle < -Math.PI)
            angle += 2 * Math.PI;
        return angle;
    }
}
