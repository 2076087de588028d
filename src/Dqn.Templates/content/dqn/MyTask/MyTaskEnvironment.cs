using System.Runtime.InteropServices;
using Dqn.Environments;
using Dqn.Randomness;

namespace MyTask;

/// <summary>
/// A task to begin with: walk on a grid from a random cell to a goal. Put yours in its place: what is seen, which actions
/// there are, what they do, what is rewarded, when an episode ends.
/// </summary>
public sealed class MyTaskEnvironment : IEnvironment
{
    private const int Side = 7, MaxSteps = 40;

    private readonly Pcg64 _random = new();
    private int _x, _y, _goalX, _goalY, _steps;
    private EpisodePhase _phase = EpisodePhase.New;

    /// <summary>What is seen and done: four numbers, four directions.</summary>
    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "MyTask",
        ObservationShape = [4],
        ElementType = ElementType.Single,
        ActionCount = 4,
    };

    /// <summary>Whether a run can be saved within an episode.</summary>
    public bool CanSaveState => true;

    /// <summary>Begins an episode. The same seed begins the same one; without a seed the random numbers go on.</summary>
    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        do
            (_x, _y, _goalX, _goalY) = (Cell(), Cell(), Cell(), Cell());
        while ((_x, _y) == (_goalX, _goalY));
        (_steps, _phase) = (0, EpisodePhase.Running);
    }

    /// <summary>0 right, 1 left, 2 down, 3 up. A small cost for each step, 1 for the goal.</summary>
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);
        (int dx, int dy) = action switch { 0 => (1, 0), 1 => (-1, 0), 2 => (0, 1), _ => (0, -1) };
        (_x, _y) = (Math.Clamp(_x + dx, 0, Side - 1), Math.Clamp(_y + dy, 0, Side - 1));
        _steps++;

        // Terminated: the task is over, nothing comes after. Truncated: only the time is up.
        bool reached = (_x, _y) == (_goalX, _goalY);
        var result = new StepResult(reached ? 1 : -0.01, Terminated: reached, Truncated: !reached && _steps == MaxSteps);
        if (result.Ended)
            _phase = EpisodePhase.Ended;
        return result;
    }

    /// <summary>Where the walker and the goal are, each from 0 to 1.</summary>
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        const float Scale = 1f / (Side - 1);
        MemoryMarshal.AsBytes<float>([_x * Scale, _y * Scale, _goalX * Scale, _goalY * Scale]).CopyTo(observation);
    }

    /// <summary>Writes all that the coming steps depend on.</summary>
    public void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        foreach (int value in (int[])[_x, _y, _goalX, _goalY, _steps, (int)_phase])
            writer.Write(value);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    public void LoadState(BinaryReader reader)
    {
        _random.LoadState(reader);
        (_x, _y, _goalX, _goalY) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        (_steps, _phase) = (reader.ReadInt32(), (EpisodePhase)reader.ReadInt32());
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }

    /// <summary>An action of the shortest way, to compare with.</summary>
    public static int TowardsTheGoal(MyTaskEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        int dx = environment._goalX - environment._x, dy = environment._goalY - environment._y;
        return dx != 0 ? (dx > 0 ? 0 : 1) : (dy > 0 ? 2 : 3);
    }

    private int Cell() => _random.Integer(Side);
}
