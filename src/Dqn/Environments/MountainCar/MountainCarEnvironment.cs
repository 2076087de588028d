using System.Runtime.InteropServices;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Gymnasium's MountainCar-v0: a car too weak for the hill has to gain speed on the other side first. Actions: 0 push left,
/// 1 nothing, 2 push right. Every step gives the reward −1; the episode terminates at the flag. Gymnasium's <c>make</c> adds
/// a limit of 200 steps; here that is <c>new MountainCarEnvironment().WithTimeLimit(200)</c>.
/// Observation, [2] floats: position, −1.2 … 0.6, the flag at 0.5; velocity, −0.07 … 0.07 a step.
/// Source: A. Moore, "Efficient memory-based learning for robot control" (1990), with the constants of R. Sutton, A. Barto,
/// "Reinforcement learning: an introduction".
/// </summary>
public sealed class MountainCarEnvironment : IEnvironment
{
    private const double Least = -1.2, Greatest = 0.6, Flag = 0.5;
    private const double Fastest = 0.07;
    private const double Push = 0.001, Gravity = 0.0025;

    private readonly Pcg64 _random = new();
    private EpisodePhase _phase = EpisodePhase.New;

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "MountainCar-v0",
        ObservationShape = [2],
        ElementType = ElementType.Single,
        ActionCount = 3,
    };

    /// <inheritdoc/>
    public bool CanSaveState => true;

    /// <summary>Where the car is, in the precision that it is computed in.</summary>
    internal double Position { get; set; }

    /// <summary>How far it moves in a step.</summary>
    internal double Velocity { get; set; }

    /// <inheritdoc/>
    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        (Position, Velocity) = (_random.Uniform(-0.6, -0.4), 0);
        _phase = EpisodePhase.Running;
    }

    /// <inheritdoc/>
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);

        // The hill is sin 3x: its slope pulls by cos 3x.
        double pull = (action - 1) * Push - Math.Cos(3 * Position) * Gravity;
        Velocity = Math.Clamp(Velocity + pull, -Fastest, Fastest);
        Position = Math.Clamp(Position + Velocity, Least, Greatest);
        if (Position == Least && Velocity < 0)
            Velocity = 0; // A wall.

        bool terminated = Position >= Flag && Velocity >= 0;
        if (terminated)
            _phase = EpisodePhase.Ended;
        return new StepResult(-1, terminated, false);
    }

    /// <inheritdoc/>
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        var features = MemoryMarshal.Cast<byte, float>(observation);
        (features[0], features[1]) = ((float)Position, (float)Velocity);
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        writer.Write((byte)_phase);
        writer.Write(Position);
        writer.Write(Velocity);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        _phase = EpisodePhase.New;
        _random.LoadState(reader);
        EpisodePhase phase = EpisodePhases.Read(reader);
        (double position, double velocity) = (reader.ReadDouble(), reader.ReadDouble());
        if (!(position is >= Least and <= Greatest && Math.Abs(velocity) <= Fastest))
        {
            throw new InvalidDataException(
                $"{Spec.Name} state: expected a position {Least} … {Greatest} and a velocity up to {Fastest}, got {position} and " +
                $"{velocity}.");
        }

        (Position, Velocity, _phase) = (position, velocity, phase);
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }
}
