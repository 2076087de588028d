using Dqn.CarRacing;
using Dqn.CarRacing.Training;
using Dqn.Environments;

namespace Dqn.Tests.CarRacing.Training;

public class LapShapingTests
{
    // Here the first bend is cut by whoever steers left a little all the time.
    private const ulong Track = 31;

    [Test]
    public void EachTileMissedCostsThePenaltyOnce()
    {
        using var plain = new CarRacingEnvironment();
        var progress = LapProgress.Follow(plain);
        using var priced = new LapShaping(new CarRacingEnvironment().WithStatistics(), 2.5, followingTilePenalty: 2.5);
        plain.Reset(Track);
        priced.Reset(Track);
        int missed = 0;
        double official = 0;
        for (int frame = 0; frame < 400; frame++)
        {
            StepResult expected = plain.Step(CornerCutter(frame)), got = priced.Step(CornerCutter(frame));
            official += expected.Reward;
            int more = Math.Max(progress.Missed - missed, 0);
            missed += more;
            Assert.That(got, Is.EqualTo(expected with { Reward = expected.Reward - (2.5 * more) }));
            if (got.Ended)
                break;
        }

        Assert.That(missed, Is.GreaterThan(3), "the test has to cut a corner");
        Assert.That(priced.Find<EpisodeStatistics>()!.Return, Is.EqualTo(official), "the official return");
    }

    [TestCase(20)]
    [TestCase(2)]
    [TestCase(0)]
    public void ATileThatFollowsAnotherMissedOneHasAPriceOfItsOwn(double following)
    {
        // A tile a frame, but for four together and one.
        var rail = new RailDynamics(100, 101, 102, 103, 120);
        var racing = new CarRacingEnvironment(dynamics: rail);
        using var shaped = new LapShaping(racing, missedTilePenalty: 20, followingTilePenalty: following);
        shaped.Reset(Track);
        shaped.Step(0); // With the reward of the frame that Reset makes.
        var prices = new Dictionary<int, double>();
        while (rail.Frames < 200)
        {
            int tile = rail.Frames;
            double price = (rail.Skips(tile) ? 0 : 1000.0 / racing.Track.Tiles.Length) - 0.1 - shaped.Step(0).Reward;
            if (Math.Abs(price) > 1e-9)
                prices.Add(tile, Math.Round(price, 9));
        }

        // Each when the car is four tiles further along.
        var expected = new Dictionary<int, double> { [104] = 20, [124] = 20 };
        if (following != 0)
        {
            foreach (int tile in (int[])[105, 106, 107])
                expected.Add(tile, following);
        }

        Assert.That(prices, Is.EquivalentTo(expected));
    }

    [Test]
    public void A_new_episode_has_missed_nothing()
    {
        using var environment = new LapShaping(new CarRacingEnvironment(), 1000);
        environment.Reset(Track);
        double[] first = Drive(), second;
        environment.Reset(Track);
        second = Drive();
        Assert.That(second, Is.EqualTo(first));
        Assert.That(first.Min(), Is.LessThan(-999));

        double[] Drive() => [.. Enumerable.Range(0, 250).Select(frame => environment.Step(CornerCutter(frame)).Reward)];
    }

    [Test]
    public void AStepAtWhoseEndTheCarStandsCostsThePenalty()
    {
        using var plain = new FrameSkip(new CarRacingEnvironment(), 4);
        using var shaped = new LapShaping(new FrameSkip(new CarRacingEnvironment(), 4), standingPenalty: 7);
        plain.Reset(Track);
        shaped.Reset(Track);

        // Nothing at first, gas until it rolls, and the brakes, which lock.
        var stood = new List<int>();
        for (int step = 0; step < 60; step++)
        {
            int action = step < 10 ? 0 : step < 20 ? 3 : 4;
            StepResult expected = plain.Step(action), got = shaped.Step(action);
            bool stands = Speed(plain) < 1;
            Assert.That(got, Is.EqualTo(expected with { Reward = expected.Reward - (stands ? 7 : 0) }));
            if (stands)
                stood.Add(step);
        }

        Assert.That(stood.Where(step => step < 20), Is.EqualTo(Enumerable.Range(0, 10)));
        Assert.That(stood, Does.Contain(59));
    }

    [Test]
    public void It_conforms_and_saves_its_state() => Assert.That(
        EnvironmentConformance.List(() => new LapShaping(new CarRacingEnvironment(), 10), steps: 60), Is.Empty);

    [Test]
    public void TheStepThatFinishesTheLapHasTheBonus()
    {
        // A lap is finished when no part of the tiles is asked for and the first one is visited: in the first frame.
        var options = new CarRacingOptions { LapCompletePercent = 0 };
        using var plain = new CarRacingEnvironment(options);
        using var shaped = new LapShaping(new CarRacingEnvironment(options), lapBonus: 70);
        plain.Reset(Track);
        shaped.Reset(Track);
        StepResult expected = plain.Step(0);
        Assert.That((plain.IsLapFinished, expected.Terminated), Is.EqualTo((true, true)));
        Assert.That(shaped.Step(0), Is.EqualTo(expected with { Reward = expected.Reward + 70 }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void AnEpisodeMayEndBehindTheLap(bool ends)
    {
        // A tile a frame, but for one.
        var rail = new RailDynamics(120);
        var racing = new CarRacingEnvironment(dynamics: rail);
        using var shaped = new LapShaping(racing, missedTilePenalty: 10, lapBonus: 70, endsBehindLap: ends);
        shaped.Reset(Track);
        int tiles = racing.Track.Tiles.Length;
        StepResult last = default;
        while (rail.Frames < tiles + 4 && !last.Ended)
        {
            Assert.That(LapProgress.Follow(racing).IsPassed, Is.False);
            last = shaped.Step(0);
        }

        // The fourth tile for the second time.
        Assert.That((rail.Frames, racing.TilesVisited), Is.EqualTo((tiles + 4, tiles - 1)));
        Assert.That((LapProgress.Follow(racing).IsPassed, racing.IsLapFinished), Is.EqualTo((true, false)));
        Assert.That((last.Terminated, last.Truncated), Is.EqualTo((ends, false)));
        Assert.That(last.Reward, Is.EqualTo(-0.1).Within(1e-9), "the last tile cost nothing");
        Assert.That(() => shaped.Step(0), ends ? Throws.InvalidOperationException : Throws.Nothing);
        shaped.Reset(Track);
        Assert.That(shaped.Step(0).Ended, Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void ALapMayEndOnItsPercentage(bool ends)
    {
        // A tile a frame, but for one; after the last comes the first again.
        var rail = new RailDynamics(120);
        var racing = new CarRacingEnvironment(new CarRacingOptions { LapEndsOnPercentage = ends }, rail);
        using var shaped = new LapShaping(racing, lapBonus: 70);
        shaped.Reset(Track);
        int tiles = racing.Track.Tiles.Length;
        StepResult last = default;
        while (rail.Frames < tiles + 1)
        {
            Assert.That(last.Ended, Is.False);
            last = shaped.Step(0);
        }

        Assert.That((racing.TilesVisited, racing.IsLapFinished), Is.EqualTo((tiles - 1, ends)));
        Assert.That((last.Terminated, last.Truncated), Is.EqualTo((ends, false)));
        Assert.That(last.Reward, Is.EqualTo(ends ? 69.9 : -0.1).Within(1e-9));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        Assert.That(
            () => new LapShaping(new CartPoleEnvironment()),
            Throws.ArgumentException.With.Message.Contains("CarRacingEnvironment").And.Message.Contains("CartPole"));
        foreach (double amount in (double[])[-1, double.NaN, double.PositiveInfinity])
        {
            Assert.That(
                () => new LapShaping(new CarRacingEnvironment(), missedTilePenalty: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("missedTilePenalty"));
            Assert.That(
                () => new LapShaping(new CarRacingEnvironment(), followingTilePenalty: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("followingTilePenalty"));
            Assert.That(
                () => new LapShaping(new CarRacingEnvironment(), standingPenalty: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("standingPenalty"));
            Assert.That(
                () => new LapShaping(new CarRacingEnvironment(), lapBonus: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("lapBonus"));
        }
    }

    private static double Speed(IEnvironment environment)
    {
        BodyState hull = environment.Find<CarRacingEnvironment>()!.Car.Dynamics.Hull;
        return Math.Sqrt((hull.VelocityX * hull.VelocityX) + (hull.VelocityY * hull.VelocityY));
    }

    private static int CornerCutter(int frame) => frame < 60 || frame % 40 < 4 ? 3 : frame % 8 == 0 ? 2 : 0;

    /// <summary>A wheel that comes onto one tile after the other, as on rails; the car stays where it is.</summary>
    private sealed class RailDynamics(params int[] skip) : UnpushedDynamics
    {
        private int _tiles;

        public int Frames { get; private set; }

        public bool Skips(int tile) => skip.Contains(tile);

        public override void Reset(Track track, CarPose pose) => (_tiles, Frames) = (track.Tiles.Length, 0);

        public override void Step(List<TileContact> contacts)
        {
            int tile = Frames++ % _tiles;
            if (!Skips(tile))
                contacts.Add(new TileContact(Body: 1, tile, Begin: true));
        }
    }
}
