using Dqn.CarRacing;
using Dqn.CarRacing.Training;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing.Training;

public class LostStartTests
{
    [Test]
    public void TheCarStandsByTheRoadThatItHasCome([Range(1, 40)] int seed)
    {
        using var environment = new CarRacingEnvironment(start: new LostStart(1));
        var progress = LapProgress.Follow(environment);
        environment.Reset((ulong)seed);
        BodyState hull = environment.Car.Dynamics.Hull;
        ReadOnlySpan<TrackTile> tiles = environment.Track.Tiles;
        double nearest = double.PositiveInfinity;
        foreach (TrackTile tile in tiles)
            nearest = Math.Min(nearest, Math.Sqrt(Math.Pow(tile.X - hull.X, 2) + Math.Pow(tile.Y - hull.Y, 2)));
        Assert.That(nearest, Is.LessThan(12.1));

        // Its parts are where they belong: nothing pulls.
        Assert.That(Math.Abs(hull.VelocityX) + Math.Abs(hull.VelocityY) + Math.Abs(hull.AngularVelocity), Is.LessThan(0.05));
        for (int wheel = 0; wheel < 4; wheel++)
        {
            BodyState state = environment.Car.Dynamics.Wheel(wheel);
            (double x, double y) = CarShape.WheelPosition[wheel];
            double right = (state.X - hull.X) * hull.Cosine + (state.Y - hull.Y) * hull.Sine;
            double front = (state.Y - hull.Y) * hull.Cosine - (state.X - hull.X) * hull.Sine;
            Assert.That((right, front), Is.EqualTo((x, y)).Using<(double X, double Y)>(
                (a, b) => Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y) < 0.02));
        }

        // What is ahead, but for what the wheels are on already.
        Assert.That(tiles.Length - environment.TilesVisited, Is.InRange(30, 159));
        Assert.That(progress.Missed, Is.Zero);
        Assert.That(environment.Step(0).Reward, Is.InRange(-0.11, 5 * 1000.0 / tiles.Length), "what was visited before gives nothing");
    }

    [Test]
    public void PlacesAndHeadingsAreAllThereAre()
    {
        using var environment = new CarRacingEnvironment(start: new LostStart(1));
        var sides = new int[4];
        var headings = new int[4];
        for (ulong seed = 0; seed < 120; seed++)
        {
            environment.Reset(seed);
            BodyState hull = environment.Car.Dynamics.Hull;
            sides[(hull.X > 0 ? 1 : 0) + (hull.Y > 0 ? 2 : 0)]++; // The track runs around the origin.
            headings[(int)Math.Floor(hull.Angle / (Math.PI / 2)) & 3]++;
        }

        Assert.That(sides, Is.All.GreaterThan(12));
        Assert.That(headings, Is.All.GreaterThan(15));
    }

    [Test]
    public void AsManyEpisodesStartSoAsWasAsked()
    {
        using var environment = new CarRacingEnvironment(start: new LostStart(0.25));
        int lost = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            // What the stream gives after the track.
            var random = new Pcg64(seed);
            Track track = Track.Generate(random);
            bool expected = random.NextDouble() < 0.25;
            environment.Reset(seed);
            CarPose start = CarPose.AtStartOf(track);
            BodyState hull = environment.Car.Dynamics.Hull;
            bool atStart = Math.Abs(hull.X - start.X) + Math.Abs(hull.Y - start.Y) < 0.5;
            Assert.That(atStart, Is.EqualTo(!expected), $"seed {seed}");
            lost += expected ? 1 : 0;
        }

        Assert.That(lost, Is.InRange(35, 65));
    }

    [Test]
    public void It_conforms_and_saves_its_state() => Assert.That(
        EnvironmentConformance.List(() => new CarRacingEnvironment(start: new LostStart(0.5)), steps: 60), Is.Empty);

    [Test]
    public void Bad_arguments_and_states_are_named()
    {
        foreach (double part in (double[])[-0.1, 1.1, double.NaN])
        {
            Assert.That(
                () => new LostStart(part), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 1"));
        }

        using var plain = new CarRacingEnvironment();
        plain.Reset(1);
        var memory = new MemoryStream();
        EnvironmentState.Save(plain, new BinaryWriter(memory));
        memory.Position = 0;
        using var other = new CarRacingEnvironment(start: new LostStart(0.5));
        Assert.That(
            () => EnvironmentState.Load(other, new BinaryReader(memory)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("start was absent, is {\"kind\":\"LostStart\",\"part\":0.5}"));
    }
}
