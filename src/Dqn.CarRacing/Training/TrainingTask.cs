using Dqn.Environments;

namespace Dqn.CarRacing.Training;

/// <summary>
/// What training on CarRacing has beyond the task that is evaluated: shaped rewards, episodes that are given up, and episodes
/// that start elsewhere. Nothing by default. Returns that are reported stay the official ones.
/// </summary>
public sealed record TrainingTask
{
    /// <summary>
    /// An episode ends after so many agent steps in a row that gave nothing, the shaping's prices counted
    /// (<see cref="Environments.RewardTimeout"/>); null: never.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int? RewardTimeout
    {
        get;
        init => field = value is null or >= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(RewardTimeout), value, $"{nameof(RewardTimeout)}: expected at least 1 step, or null for none, got {value}.");
    }

    /// <summary>Whether such an end counts as the end of all rewards, rather than as an interruption.</summary>
    public bool RewardTimeoutTerminates { get; init; }

    /// <summary>What each missed tile costs; see <see cref="LapShaping.MissedTilePenalty"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double MissedTilePenalty
    {
        get;
        init => field = ShapingArguments.Amount(value, nameof(MissedTilePenalty));
    }

    /// <summary>What it costs instead where the tile before it was missed too.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double FollowingTilePenalty
    {
        get;
        init => field = ShapingArguments.Amount(value, nameof(FollowingTilePenalty));
    }

    /// <summary>What each step costs at whose end the car stands.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double StandingPenalty
    {
        get;
        init => field = ShapingArguments.Amount(value, nameof(StandingPenalty));
    }

    /// <summary>What finishing the lap gives beyond its rewards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double LapBonus
    {
        get;
        init => field = ShapingArguments.Amount(value, nameof(LapBonus));
    }

    /// <summary>Whether an episode ends where the car drives past the end of the lap with tiles missed.</summary>
    public bool EndsBehindLap { get; init; }

    /// <summary>
    /// What a car loses that faces away from the road to come, until it has turned back; see
    /// <see cref="WayBackShaping.Turn"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double WayBackTurn
    {
        get;
        init => field = ShapingArguments.Amount(value, nameof(WayBackTurn));
    }

    /// <summary>What a car loses that is far away from the road to come, until it has come nearer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double WayBackDistance
    {
        get;
        init => field = ShapingArguments.Amount(value, nameof(WayBackDistance));
    }

    /// <summary>How often an episode starts with the car lost, 0 … 1; see <see cref="LostStart"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 1.</exception>
    public double LostStarts
    {
        get;
        init => field = ShapingArguments.Part(value, nameof(LostStarts));
    }

    /// <summary>
    /// How often an episode starts shortly before a tile was missed or the car got lost, 0 … 1; see
    /// <see cref="SetbackStart"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 1.</exception>
    public double SetbackStarts
    {
        get;
        init => field = ShapingArguments.Part(value, nameof(SetbackStarts));
    }

    /// <summary>
    /// How often an agent step repeats the one before in place of the action asked for, 0 … 1; see
    /// <see cref="Environments.StickyActions"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 1.</exception>
    public double StickyActions
    {
        get;
        init => field = ShapingArguments.Part(value, nameof(StickyActions));
    }

    private bool ShapesLap =>
        MissedTilePenalty > 0 || FollowingTilePenalty > 0 || StandingPenalty > 0 || LapBonus > 0 || EndsBehindLap;

    private bool ShapesWayBack => WayBackTurn > 0 || WayBackDistance > 0;

    /// <summary>Makes the training environment for a pipeline.</summary>
    /// <param name="pipeline">The task as the agent sees it.</param>
    /// <param name="options">Null for Gymnasium's CarRacing-v3.</param>
    public FrameStack Create(PixelPipeline pipeline, CarRacingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return pipeline.Create(options, start: LostStarts > 0 ? new LostStart(LostStarts) : null, shape: Shape);
    }

    // The time limit without rewards is around the rest: what it gives up is a setback too, and a tile that leaves more
    // behind than it gives does not put it off. Turning back does.
    private IEnvironment Shape(IEnvironment task)
    {
        if (StickyActions > 0)
            task = task.WithStickyActions(StickyActions);
        if (ShapesLap)
        {
            task = new LapShaping(
                task, MissedTilePenalty, LapBonus, FollowingTilePenalty, EndsBehindLap, StandingPenalty);
        }

        if (ShapesWayBack)
            task = new WayBackShaping(task, WayBackTurn, WayBackDistance);
        if (SetbackStarts > 0)
            task = task.WithSetbackStart(SetbackStarts);
        return RewardTimeout is { } steps ? task.WithRewardTimeout(steps, RewardTimeoutTerminates) : task;
    }
}
