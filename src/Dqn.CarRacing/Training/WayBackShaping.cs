using System.Text.Json.Nodes;
using Dqn.Environments;

namespace Dqn.CarRacing.Training;

/// <summary>
/// CarRacing's reward shaped so that a lost car learns soon to find back. Where it has spun, the next tile lies some
/// twenty agent steps of turning and driving away, through places that few episodes pass, and the reward for it takes
/// long to be known there. This wrapper rewards the turning and the coming nearer at once, by the differences of a
/// potential: 0 wherever the car drives as it should, less where the road to come lies behind it, and less the further
/// away. What is gained on the way back was lost on the way off, so that no detour pays. Source: A. Ng, D. Harada, S.
/// Russell, "Policy invariance under reward transformations" (1999), but for their discount on the later potential: being
/// lost costs a little for as long as it lasts. For training only: an <see cref="EpisodeStatistics"/> below it still reports the
/// official return.
/// </summary>
public sealed class WayBackShaping : EnvironmentWrapper
{
    // The tile to look for, beyond the furthest that the car has reached: a car in the middle of the road has it in front even
    // in a hairpin, where tiles turn by up to 0.31 radians each.
    private const int Lookahead = 4;

    // In metres: how far that tile is off at most for a car on the road, and from where on it makes no difference any more.
    private const double Near = 25, Far = 85;

    private readonly CarRacingEnvironment _racing;
    private readonly LapProgress _progress;
    private double _potential;

    /// <summary>Shapes the rewards of the <see cref="CarRacingEnvironment"/> inside.</summary>
    /// <param name="inner">The environment to wrap, a <see cref="CarRacingEnvironment"/> inside.</param>
    /// <param name="turn">
    /// What it costs to face straight away from the road to come, at least 0. Less in proportion down to a right angle, where
    /// it costs nothing.
    /// </param>
    /// <param name="distance">
    /// What it costs to be 85 metres and more away from the road to come, at least 0. Less in proportion down to 25 metres,
    /// where it costs nothing.
    /// </param>
    /// <exception cref="ArgumentException">There is no <see cref="CarRacingEnvironment"/> inside.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite.</exception>
    public WayBackShaping(IEnvironment inner, double turn = 40, double distance = 60)
        : base(inner)
    {
        _racing = ShapingArguments.Racing(inner);
        _progress = LapProgress.Follow(_racing);
        Turn = ShapingArguments.Amount(turn);
        Distance = ShapingArguments.Amount(distance);
    }

    /// <summary>What it costs to face straight away from the road to come.</summary>
    public double Turn { get; }

    /// <summary>What it costs to be far away from the road to come.</summary>
    public double Distance { get; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        _potential = Potential();
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        var result = Inner.Step(action);
        double before = _potential;
        _potential = Potential();
        return result with { Reward = result.Reward + (_potential - before) };
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        Inner.LoadState(reader);
        _potential = Potential();
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["turn"] = Turn;
        numbers["distance"] = Distance;
    }

    private double Potential()
    {
        if (_progress.IsPassed || _racing.IsLapFinished)
            return 0;
        var tiles = _racing.Track.Tiles;
        var road = tiles[(_progress.Reached + Lookahead) % tiles.Length].Road;
        var hull = _racing.Car.Dynamics.Hull;
        double x = (road.X0 + road.X1 + road.X2 + road.X3) / 4 - hull.X;
        double y = (road.Y0 + road.Y1 + road.Y2 + road.Y3) / 4 - hull.Y;
        double away = Math.Sqrt(x * x + y * y);
        double ahead = (Math.Cos(hull.Angle) * y - Math.Sin(hull.Angle) * x) / Math.Max(away, 1e-6);
        double turned = Math.Max(Math.Acos(Math.Clamp(ahead, -1, 1)) - Math.PI / 2, 0) / (Math.PI / 2);
        return -Turn * turned - Distance * Math.Clamp(away - Near, 0, Far - Near) / (Far - Near);
    }
}
