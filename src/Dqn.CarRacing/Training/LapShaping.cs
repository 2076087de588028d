using System.Text.Json.Nodes;
using Dqn.Environments;

namespace Dqn.CarRacing.Training;

/// <summary>
/// CarRacing's reward shaped so that finishing the lap is worth to a discounting agent what it officially is. One
/// missed tile costs its own 1000 / tiles and, as the lap then does not end, 0.1 for each frame left, which together
/// make 15 to 20, but so much later that a discounted return no longer holds them: cutting corners seems to pay. And
/// at the lap's end the rewards do, so that an agent which sees it come has nothing to hurry there for. This wrapper
/// takes a price for a missed tile at once and gives a bonus for the lap. It may also end an episode behind the lap's
/// end: the road ahead has all been visited there, as it has for a car that has spun round halfway, and an agent that
/// knows from many a second lap that such a road gives nothing does not turn. And it may take a price for standing still,
/// which officially costs nothing but time. For training only: an <see cref="EpisodeStatistics"/> below it still
/// reports the official return.
/// </summary>
public sealed class LapShaping : EnvironmentWrapper
{
    // In metres a second. A step of four frames with gas begun at rest ends at 5.
    private const double StandingSpeed = 1;

    private readonly CarRacingEnvironment _racing;
    private readonly LapProgress _progress;
    private bool _ended;

    /// <summary>Shapes the rewards of the <see cref="CarRacingEnvironment"/> inside.</summary>
    /// <param name="inner">
    /// The environment to wrap, a <see cref="CarRacingEnvironment"/> inside. A <see cref="RewardTimeout"/> below it sees
    /// each tile's reward; above it, none that a price outweighs.
    /// </param>
    /// <param name="missedTilePenalty">
    /// What is taken off the reward for each tile that becomes one of <see cref="LapProgress.Missed"/>, at least
    /// 0. It is not given back where the car comes back to the tile.
    /// </param>
    /// <param name="lapBonus">
    /// What is added to the reward of the step that finishes the lap, at least 0. About the value of any other place
    /// of the track lets the agent drive through the end as it drives elsewhere.
    /// </param>
    /// <param name="followingTilePenalty">
    /// What is taken instead for a missed tile that follows another missed one, at least 0. What missing costs officially it
    /// costs once, the lap's end: whoever has spun and must pass tiles by to find back to the road should not shrink from
    /// it.
    /// </param>
    /// <param name="endsBehindLap">
    /// Whether an episode is terminated once <see cref="LapProgress.IsPassed"/>.
    /// </param>
    /// <param name="standingPenalty">
    /// What is taken off the reward of each step at whose end the car stands, moving less than 1 metre a second, at least 0.
    /// To a car that has come to a stand the picture stays the same whatever it does but for gas, and so do all its actions'
    /// values, but for the network's errors: on a place that it knows little of it may brake for ever. This makes a
    /// difference between them.
    /// </param>
    /// <exception cref="ArgumentException">There is no <see cref="CarRacingEnvironment"/> inside.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite.</exception>
    public LapShaping(
        IEnvironment inner, double missedTilePenalty = 10, double lapBonus = 150, double followingTilePenalty = 10,
        bool endsBehindLap = false, double standingPenalty = 0)
        : base(inner)
    {
        _racing = ShapingArguments.Racing(inner);
        _progress = LapProgress.Follow(_racing);
        MissedTilePenalty = ShapingArguments.Amount(missedTilePenalty);
        LapBonus = ShapingArguments.Amount(lapBonus);
        FollowingTilePenalty = ShapingArguments.Amount(followingTilePenalty);
        EndsBehindLap = endsBehindLap;
        StandingPenalty = ShapingArguments.Amount(standingPenalty);
    }

    /// <summary>What is taken off the reward for each missed tile.</summary>
    public double MissedTilePenalty { get; }

    /// <summary>What is added to the reward when the lap is finished.</summary>
    public double LapBonus { get; }

    /// <summary>What is taken off the reward for each missed tile that follows another.</summary>
    public double FollowingTilePenalty { get; }

    /// <summary>Whether an episode is terminated behind the lap's end.</summary>
    public bool EndsBehindLap { get; }

    /// <summary>What is taken off the reward of each step at whose end the car stands.</summary>
    public double StandingPenalty { get; }

    private bool Stands => _racing.Car.Dynamics.Hull is var hull
        && (hull.VelocityX * hull.VelocityX) + (hull.VelocityY * hull.VelocityY) < StandingSpeed * StandingSpeed;

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        _ended = false;
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        // The wrapped environment knows nothing of this end, so it would go on.
        EpisodePhases.ThrowIfEnded(_ended, Spec);
        (int missed, int gaps) = (_progress.DrivenPast, _progress.Gaps);
        var result = Inner.Step(action);
        (missed, gaps) = (_progress.DrivenPast - missed, _progress.Gaps - gaps);
        double price = (MissedTilePenalty * gaps) + (FollowingTilePenalty * (missed - gaps));
        double shaping = (_racing.IsLapFinished ? LapBonus : 0) - price - (Stands ? StandingPenalty : 0);
        bool terminated = result.Terminated || (EndsBehindLap && _progress.IsPassed);
        _ended = terminated || result.Truncated;
        return result with { Reward = result.Reward + shaping, Terminated = terminated };
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        writer.Write(_ended);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        bool ended = reader.ReadBoolean();
        Inner.LoadState(reader);
        _ended = ended;
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["missedTilePenalty"] = MissedTilePenalty;
        numbers["lapBonus"] = LapBonus;
        numbers["followingTilePenalty"] = FollowingTilePenalty;
        numbers["endsBehindLap"] = EndsBehindLap;
        numbers["standingPenalty"] = StandingPenalty;
    }
}
