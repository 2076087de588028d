using Dqn.Environments;

namespace Dqn.CarRacing.Native;

/// <summary>
/// CarRacing as the native interface steps it: by an action or by controls, several frames at a time, at most so many
/// steps an episode.
/// </summary>
internal sealed class DrivenCar(FleetOptions options) : IEnvironment
{
    private int _steps;

    /// <summary>The environment itself.</summary>
    public CarRacingEnvironment Task { get; } = new(options.ReadTask());

    /// <summary>What the coming step does; null: its action counts.</summary>
    public CarControls? Controls { get; set; }

    /// <summary>Whether the next reset draws new colours, where the options randomize them.</summary>
    public bool RandomizesColors { get; set; } = true;

    /// <summary>What the last step gave.</summary>
    public Outcome Outcome { get; set; }

    /// <inheritdoc/>
    public EnvironmentSpec Spec => Task.Spec;

    /// <inheritdoc/>
    public void Reset(ulong? seed = null)
    {
        Task.Reset(seed, RandomizesColors);
        (_steps, RandomizesColors) = (0, true);
        Outcome = default;
    }

    /// <inheritdoc/>
    public StepResult Step(int action)
    {
        double reward = 0;
        LapState lap = LapState.Running;
        StepResult result = default;
        for (int frame = 0; frame < options.FrameSkip && !result.Ended; frame++)
        {
            result = Controls is { } controls ? Task.Step(controls) : Task.Step(action);
            reward += result.Reward;
            if (result.Terminated) // Leaving the playfield counts, even with the last tile.
                lap = result.Reward == -100 ? LapState.Left : LapState.Finished;
        }

        bool truncated = result.Truncated || (++_steps == options.MaxSteps);
        Outcome = new Outcome(reward, result.Terminated, truncated, lap);
        return new StepResult(reward, result.Terminated, truncated);
    }

    /// <inheritdoc/>
    public void Observe(Span<byte> observation) => Task.Observe(observation);

    /// <inheritdoc/>
    public void Dispose() => Task.Dispose();
}
