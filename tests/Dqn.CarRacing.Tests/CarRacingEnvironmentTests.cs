using System.Globalization;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing;

public class CarRacingEnvironmentTests
{
    private static byte[] Look(IEnvironment environment)
    {
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Observe(observation);
        return observation;
    }

    [Test]
    public void ResetsWithoutASeedGoOnWithTheStream()
    {
        using var environment = new CarRacingEnvironment();
        var episodes = GoldenFiles.ReadCsv("carracing/tracks-next-episodes.csv.gz").Where(row => row[0] == "2")
            .GroupBy(row => row[1]);
        environment.Reset(2);
        foreach (var rows in episodes)
        {
            // Driving draws nothing from the stream.
            for (int i = 0; i < 30; i++)
                environment.Step(3);
            environment.Reset();
            Assert.That(
                environment.Track.Tiles.ToArray().Select(tile => tile.X),
                Is.EqualTo(rows.Select(row => double.Parse(row[5], CultureInfo.InvariantCulture))));
        }
    }

    [Test]
    public void ColoursAreKeptWhereWanted()
    {
        using var environment = new CarRacingEnvironment(new CarRacingOptions { DomainRandomize = true });
        environment.Reset(6);
        byte[] first = Look(environment);
        environment.Reset(7, randomizeColors: false);
        Assert.That(Ground(Look(environment)), Is.EqualTo(Ground(first)));

        // Without a draw for the colours the stream begins with the track: the default environment's.
        using var plain = new CarRacingEnvironment();
        plain.Reset(7);
        Assert.That(environment.Track.Tiles.ToArray(), Is.EqualTo(plain.Track.Tiles.ToArray()));

        environment.Reset();
        Assert.That(Ground(Look(environment)), Is.Not.EqualTo(Ground(first)));
        environment.Reset(6);
        Assert.That(Look(environment), Is.EqualTo(first));
    }

    [TestCase(1.01, 0, 0, "Steer")]
    [TestCase(-1.01, 0, 0, "Steer")]
    [TestCase(double.NaN, 0, 0, "Steer")]
    [TestCase(0, -0.01, 0, "Gas")]
    [TestCase(0, 1.01, 0, "Gas")]
    [TestCase(0, double.NaN, 0, "Gas")]
    [TestCase(0, 0, -0.01, "Brake")]
    [TestCase(0, 0, double.PositiveInfinity, "Brake")]
    public void ControlsOutOfRangeAreRefused(double steer, double gas, double brake, string name)
    {
        using var environment = new CarRacingEnvironment();
        environment.Reset(0);
        Assert.That(
            () => environment.Step(new CarControls(steer, gas, brake)),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"Expected {name} from"));
    }

    [Test]
    public void DiscreteActionsAreContinuousOnes()
    {
        CarControls[] controls = [new(0, 0, 0), new(0.6, 0, 0), new(-0.6, 0, 0), new(0, 0.2, 0), new(0, 0, 0.8)];
        using var discrete = new CarRacingEnvironment();
        using var continuous = new CarRacingEnvironment();
        discrete.Reset(1);
        continuous.Reset(1);
        for (int i = 0; i < 200; i++)
        {
            int action = i < 60 ? 3 : i * i % 5;
            Assert.That(continuous.Step(controls[action]), Is.EqualTo(discrete.Step(action)));
        }

        Assert.That(continuous.Car.Dynamics.Hull, Is.EqualTo(discrete.Car.Dynamics.Hull));
    }

    [TestCase(-0.01)]
    [TestCase(1.01)]
    [TestCase(double.NaN)]
    public void PartsOfALapOutOfRangeAreRefused(double percent) => Assert.That(
        () => new CarRacingOptions { LapCompletePercent = percent }, Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void CallsBeforeTheFirstResetAreRefused()
    {
        using var environment = new CarRacingEnvironment();
        Assert.That(() => environment.Step(new CarControls(0, 0, 0)), Throws.InvalidOperationException);
        Assert.That(() => environment.Render(new byte[400 * 600 * 3]), Throws.InvalidOperationException);
        Assert.That(() => environment.Track.Tiles.Length, Throws.InvalidOperationException);
        environment.Reset(0);
        Assert.That(
            () => environment.Render(new byte[96 * 96 * 3]),
            Throws.ArgumentException.With.Message.Contains("got 27648 bytes"));
    }

    [Test]
    public void StepAndObserveAllocateNothing()
    {
        using var environment = new PixelPipeline().Create();
        var observation = new byte[environment.Spec.ObservationBytes];
        Drive(60);
        Assert.That(Allocations.Of(() =>
        {
            for (int i = 0; i < 40; i++)
            {
                environment.Step(i % 5);
                environment.Observe(observation);
            }
        }), Is.Zero);

        void Drive(int steps)
        {
            environment.Reset(4);
            for (int i = 0; i < steps; i++)
            {
                environment.Step(3);
                environment.Observe(observation);
            }
        }
    }

    [Test]
    public void AlteredStatesAreRefusedOrDriveOn()
    {
        using var environment = new CarRacingEnvironment();
        environment.Reset(0);
        for (int i = 0; i < 20; i++)
            environment.Step(3);
        using var memory = new MemoryStream();
        environment.SaveState(new BinaryWriter(memory));
        byte[] state = memory.ToArray();
        var picture = new byte[96 * 96 * 3];
        var random = new Pcg64(1);
        int refused = 0;
        for (int i = 0; i < 400; i++)
        {
            byte[] altered = state[..(i % 4 == 0 ? random.Integer(state.Length) : state.Length)];
            for (int k = 0; k < 3 && altered.Length > 0; k++)
                altered[random.Integer(altered.Length)] ^= (byte)(1 << random.Integer(8));
            try
            {
                environment.LoadState(new BinaryReader(new MemoryStream(altered)));
            }
            catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
            {
                refused++;
                continue;
            }

            try
            {
                for (int step = 0; step < 5 && !environment.Step(3).Ended; step++)
                {
                }

                if (i % 10 == 1)
                    environment.Observe(picture);
            }
            catch (InvalidOperationException exception) when (exception.Message.Contains("call Reset"))
            {
                // The altered bit said that there is no running episode.
            }
        }

        Assert.That(refused, Is.GreaterThan(100));
        environment.Reset(1);
        using var fresh = new CarRacingEnvironment();
        fresh.Reset(1);
        for (int i = 0; i < 20; i++)
            Assert.That(environment.Step(3), Is.EqualTo(fresh.Step(3)));
        Assert.That(environment.Car.Dynamics.Hull, Is.EqualTo(fresh.Car.Dynamics.Hull));
    }

    // The picture's most frequent colour but for the black outside the playfield.
    private static int Ground(byte[] picture) => Enumerable.Range(0, 84 * 96)
        .Select(i => picture[i * 3] << 16 | picture[i * 3 + 1] << 8 | picture[i * 3 + 2])
        .Where(colour => colour != 0)
        .GroupBy(colour => colour)
        .MaxBy(group => group.Count())!.Key;
}
