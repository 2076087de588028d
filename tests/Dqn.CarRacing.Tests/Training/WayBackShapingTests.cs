using Dqn.CarRacing;
using Dqn.CarRacing.Training;
using Dqn.Environments;

namespace Dqn.Tests.CarRacing.Training;

public class WayBackShapingTests
{
    private const ulong Seed = 31;
    private const double Turn = 40, Distance = 60;

    [Test]
    public void NothingChangesWhileTheCarHasTheRoadToComeBeforeIt()
    {
        PosedDynamics car = new(), other = new();
        using var shaped = new WayBackShaping(new CarRacingEnvironment(dynamics: car), Turn, Distance);
        using var plain = new CarRacingEnvironment(dynamics: other);
        shaped.Reset(Seed);
        plain.Reset(Seed);
        int tiles = plain.Track.Tiles.Length;
        for (int tile = 0; tile < tiles - 1; tile++)
        {
            car.DriveTo(tile);
            other.DriveTo(tile);
            Assert.That(shaped.Step(0), Is.EqualTo(plain.Step(0)), $"tile {tile}");
        }
    }

    [TestCase(0, 0)]
    [TestCase(60, 0)]
    [TestCase(90, 0)]
    [TestCase(135, Turn / 2)]
    [TestCase(180, Turn)]
    [TestCase(225, Turn / 2)]
    public void FacingAwayCosts(double degrees, double cost)
    {
        (WayBackShaping shaped, PosedDynamics car) = OnTheRoad();
        using (shaped)
        {
            car.Look(20, degrees);
            Assert.That(Shaping(shaped), Is.EqualTo(-cost).Within(1e-4));
            Assert.That(Shaping(shaped), Is.Zero, "only once");
            car.Look(20, 0);
            Assert.That(Shaping(shaped), Is.EqualTo(cost).Within(1e-4), "and it is given back");
        }
    }

    [TestCase(25, 0)]
    [TestCase(40, Distance / 4)]
    [TestCase(85, Distance)]
    [TestCase(120, Distance)]
    public void BeingFarAwayCosts(double metres, double cost)
    {
        (WayBackShaping shaped, PosedDynamics car) = OnTheRoad();
        using (shaped)
        {
            car.Look(metres, 0);
            Assert.That(Shaping(shaped), Is.EqualTo(-cost).Within(1e-4));
            car.Look(20, 0);
            Assert.That(Shaping(shaped), Is.EqualTo(cost).Within(1e-4));
        }
    }

    [Test]
    public void BothAddUp()
    {
        (WayBackShaping shaped, PosedDynamics car) = OnTheRoad();
        using (shaped)
        {
            car.Look(55, 180);
            Assert.That(Shaping(shaped), Is.EqualTo(-Turn - Distance / 2).Within(1e-4));
        }
    }

    [Test]
    public void TheRoadToComeIsWhatLiesBehindTheFurthestTile()
    {
        (WayBackShaping shaped, PosedDynamics car) = OnTheRoad();
        using (shaped)
        {
            // Across to a stretch further on, where the car faces the way that it came from; its wheels find that tile.
            car.DriveTo(30);
            car.Look(20, 180);
            Assert.That(Shaping(shaped), Is.EqualTo(-Turn).Within(1e-4));

            // A tile before that one, which it visits now too, is not where it has to go.
            car.DriveTo(29);
            car.Reached = 30;
            car.Look(20, 180);
            Assert.That(Shaping(shaped), Is.EqualTo(0).Within(1e-4));
        }
    }

    [Test]
    public void BehindTheLapThereIsNoRoadToCome()
    {
        var car = new PosedDynamics();
        var racing = new CarRacingEnvironment(dynamics: car);
        using var shaped = new WayBackShaping(racing, Turn, Distance);
        shaped.Reset(Seed);
        int tiles = racing.Track.Tiles.Length;
        for (int tile = 0; tile < tiles; tile++)
        {
            if (tile == 100)
                continue;
            car.DriveTo(tile);
            shaped.Step(0);
        }

        for (int tile = 0; tile < 4; tile++)
        {
            car.DriveTo(tile);
            shaped.Step(0);
        }

        Assert.That((LapProgress.Follow(racing).IsPassed, racing.IsLapFinished), Is.EqualTo((true, false)));
        car.Look(200, 180);
        Assert.That(Shaping(shaped), Is.Zero);
    }

    [Test]
    public void An_episode_begins_with_the_cost_of_where_it_begins()
    {
        using var plain = new CarRacingEnvironment(start: new LostStart(1));
        using var shaped = new WayBackShaping(new CarRacingEnvironment(start: new LostStart(1)), Turn, Distance);
        int changed = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            plain.Reset(seed);
            shaped.Reset(seed);
            double difference = shaped.Step(0).Reward - plain.Step(0).Reward;
            Assert.That(difference, Is.EqualTo(0).Within(5), "in a fiftieth of a second nobody turns round");
            for (int frame = 1; frame < 80; frame++)
            {
                int action = frame < 40 ? 3 : 1;
                difference += shaped.Step(action).Reward - plain.Step(action).Reward;
            }

            changed += Math.Abs(difference) > 1 ? 1 : 0;
        }

        Assert.That(changed, Is.GreaterThan(0), "some face away from the road to come, and turn");
    }

    [Test]
    public void It_conforms_and_saves_its_state() => Assert.That(
        EnvironmentConformance.List(
            () => new WayBackShaping(new CarRacingEnvironment(start: new LostStart(1))), steps: 60),
        Is.Empty);

    [Test]
    public void Bad_arguments_are_named()
    {
        Assert.That(
            () => new WayBackShaping(new CartPoleEnvironment()),
            Throws.ArgumentException.With.Message.Contains("CarRacingEnvironment").And.Message.Contains("CartPole"));
        foreach (double amount in (double[])[-1, double.NaN, double.PositiveInfinity])
        {
            Assert.That(
                () => new WayBackShaping(new CarRacingEnvironment(), turn: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("turn"));
            Assert.That(
                () => new WayBackShaping(new CarRacingEnvironment(), distance: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("distance"));
        }
    }

    private static (WayBackShaping Shaped, PosedDynamics Car) OnTheRoad()
    {
        var car = new PosedDynamics();
        var shaped = new WayBackShaping(new CarRacingEnvironment(dynamics: car), Turn, Distance);
        shaped.Reset(Seed);
        for (int tile = 0; tile < 20; tile++)
        {
            car.DriveTo(tile);
            shaped.Step(0);
        }

        return (shaped, car);
    }

    // A frame in which no tile is visited costs 0.1.
    private static double Shaping(WayBackShaping shaped)
    {
        var racing = shaped.Find<CarRacingEnvironment>()!;
        int visited = racing.TilesVisited;
        double reward = shaped.Step(0).Reward;
        return Math.Round(reward + 0.1 - (racing.TilesVisited - visited) * 1000.0 / racing.Track.Tiles.Length, 9);
    }

    /// <summary>A car that is put where the test wants it.</summary>
    private sealed class PosedDynamics : UnpushedDynamics
    {
        private Track? _track;
        private int? _contact;

        /// <summary>The furthest tile.</summary>
        public int Reached { get; set; }

        /// <summary>Puts the car onto a tile, along the road.</summary>
        public void DriveTo(int tile)
        {
            TrackTile at = _track!.Tiles[tile];
            (_contact, Reached) = (tile, tile);
            Hull = new BodyState((float)at.X, (float)at.Y, (float)at.Beta, 0, 0, 0, 0, 0);
        }

        /// <summary>Puts the car so far from the tile to look for, turned away from it by so much.</summary>
        public void Look(double metres, double degrees)
        {
            ReadOnlySpan<TrackTile> tiles = _track!.Tiles;
            Quad road = tiles[(Reached + 4) % tiles.Length].Road;
            double x = (road.X0 + road.X1 + road.X2 + road.X3) / 4, y = (road.Y0 + road.Y1 + road.Y2 + road.Y3) / 4;
            Hull = new BodyState((float)x, (float)(y - metres), (float)(degrees * Math.PI / 180), 0, 0, 0, 0, 0);
        }

        public override void Reset(Track track, CarPose pose)
        {
            (_track, _contact, Reached) = (track, null, 0);
            Hull = new BodyState((float)pose.X, (float)pose.Y, (float)pose.Angle, 0, 0, 0, 0, 0);
        }

        public override void Step(List<TileContact> contacts)
        {
            if (_contact is { } tile)
                contacts.Add(new TileContact(Body: 1, tile, Begin: true));
            _contact = null;
        }
    }
}
