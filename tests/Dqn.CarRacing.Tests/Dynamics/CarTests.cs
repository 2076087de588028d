using Dqn.CarRacing;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing;

public class CarTests
{
    [TestCaseSource(typeof(GoldenEpisode), nameof(GoldenEpisode.Names))]
    public void EveryFrameEqualsBox2DsBitForBit(string name)
    {
        var episode = new GoldenEpisode(name);
        var car = new Car(new ExactCarDynamics());
        car.Reset(episode.Track);
        var visited = new HashSet<int>();
        for (int frame = 0; frame < episode.Frames; frame++)
        {
            episode.Step(car, frame);
            foreach (var contact in car.Contacts)
                if (contact.Begin && contact.Body > 0)
                    visited.Add(contact.Tile);
            episode.AssertFrame(car, frame);
            Assert.That(visited, Has.Count.EqualTo(episode.TilesVisited(frame)), $"frame {frame}");
        }
    }

    [Test]
    public void AnOldCarResetDrivesAsANewOne()
    {
        var episode = new GoldenEpisode("leave-playfield");
        var car = new Car(new ExactCarDynamics());
        var driver = new RandomDriver(1);
        car.Reset(Track.Generate(new Pcg64(9)));
        for (int i = 0; i < 500; i++)
        {
            driver.Act(car);
            car.Step();
        }

        car.Reset(episode.Track);
        for (int frame = 0; frame < episode.Frames; frame++)
        {
            episode.Step(car, frame);
            episode.AssertFrame(car, frame);
        }
    }

    // Verified against Box2D's own code, order of touches included. Pinned so that no machine, instruction set or
    // release of .NET changes it unnoticed.
    [Test]
    public void ALongDriveIsPinned()
    {
        ulong hash = 14695981039346656037;
        for (ulong seed = 0; seed < 3; seed++)
        {
            var car = new Car(new ExactCarDynamics());
            car.Reset(Track.Generate(new Pcg64(seed)));
            var driver = new RandomDriver(seed);
            for (int step = 0; step < 1500; step++)
            {
                car.Step();
                Add(car.Dynamics.Hull);
                for (int wheel = 0; wheel < 4; wheel++)
                    Add(car.Dynamics.Wheel(wheel));
                foreach (var contact in car.Contacts)
                    AddBits((ulong)(contact.Body + 8 * contact.Tile) * 2 + (contact.Begin ? 1UL : 0));
                driver.Act(car);
            }
        }

        Assert.That(hash, Is.EqualTo(14752703354622141566));

        void Add(BodyState body)
        {
            AddBits(BitConverter.SingleToUInt32Bits(body.X));
            AddBits(BitConverter.SingleToUInt32Bits(body.Y));
            AddBits(BitConverter.SingleToUInt32Bits(body.Angle));
            AddBits(BitConverter.SingleToUInt32Bits(body.Sine));
            AddBits(BitConverter.SingleToUInt32Bits(body.Cosine));
            AddBits(BitConverter.SingleToUInt32Bits(body.VelocityX));
            AddBits(BitConverter.SingleToUInt32Bits(body.VelocityY));
            AddBits(BitConverter.SingleToUInt32Bits(body.AngularVelocity));
        }

        void AddBits(ulong value) => hash = (hash ^ value) * 1099511628211;
    }

    [Test]
    public void ASavedAndLoadedCarGoesOnBitForBit([Values("donuts", "idle-then-go", "continuous")] string name)
    {
        var episode = new GoldenEpisode(name);
        foreach (int frame in (int[])[0, 1, 57, 130, 299, 390])
        {
            var car = new Car(new ExactCarDynamics());
            car.Reset(episode.Track);
            for (int i = 0; i <= frame; i++)
                episode.Step(car, i);

            var memory = new MemoryStream();
            car.SaveState(new BinaryWriter(memory));
            memory.Position = 0;
            var loaded = new Car(new ExactCarDynamics());
            loaded.Reset(episode.Track);
            loaded.LoadState(new BinaryReader(memory));
            Assert.That(memory.Position, Is.EqualTo(memory.Length));
            AssertSameMarks(loaded, car);
            for (int i = frame + 1; i < episode.Frames; i++)
            {
                episode.Step(car, i);
                episode.Step(loaded, i);
                episode.AssertFrame(loaded, i);
                Assert.That(loaded.Contacts.SequenceEqual(car.Contacts), $"frame {i}");
                Assert.That(loaded.FuelSpent, Is.EqualTo(car.FuelSpent));
            }

            AssertSameMarks(loaded, car);
        }
    }

    [Test]
    public void AnAlteredStateIsRefusedOrRead()
    {
        var track = Track.Generate(new Pcg64(0));
        var car = new Car(new ExactCarDynamics());
        car.Reset(track);
        var driver = new RandomDriver(2);
        for (int i = 0; i < 300; i++)
        {
            driver.Act(car);
            car.Step();
        }

        var memory = new MemoryStream();
        car.SaveState(new BinaryWriter(memory));
        byte[] whole = memory.ToArray();
        Assert.That(() => Load(whole.AsSpan(0, whole.Length - 1).ToArray()), Throws.TypeOf<EndOfStreamException>());
        var random = new Pcg64(1);
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] altered = [.. whole];
            altered[random.Integer(altered.Length)] ^= (byte)(1 + random.Integer(255));
            try
            {
                Load(altered);
                car.Step();
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(20));

        void Load(byte[] bytes)
        {
            car.Reset(track);
            car.LoadState(new BinaryReader(new MemoryStream(bytes)));
        }
    }

    [Test]
    public void SkidMarksStayWithinThirtyOfThirtyPoints()
    {
        var episode = new GoldenEpisode("donuts");
        var car = new Car(new ExactCarDynamics());
        car.Reset(episode.Track);
        int most = 0;
        for (int frame = 0; frame < episode.Frames; frame++)
        {
            episode.Step(car, frame);
            most = Math.Max(most, car.SkidMarks.Count);
            foreach (var mark in car.SkidMarks)
                Assert.That(mark.Points.Length, Is.InRange(2, 30));
        }

        Assert.That(most, Is.EqualTo(30));
    }

    [Test]
    public void SteppingAllocatesNothing()
    {
        var car = new Car(new ExactCarDynamics());
        var track = Track.Generate(new Pcg64(4));
        var driver = new RandomDriver(3);
        Drive();
        Assert.That(Allocations.Of(() => Drive()), Is.Zero);

        void Drive()
        {
            car.Reset(track);
            for (int i = 0; i < 1000; i++)
            {
                driver.Act(car);
                car.Step();
            }
        }
    }

    [Test]
    public void CallsOutOfOrderAreRefused()
    {
        var car = new Car(new ExactCarDynamics());
        Assert.That(car.Step, Throws.InvalidOperationException);
        Assert.That(() => car.LoadState(new BinaryReader(Stream.Null)), Throws.InvalidOperationException);
        Assert.That(() => new ExactCarDynamics().Step([]), Throws.InvalidOperationException);
        Assert.That(() => new ExactCarDynamics().Reset(new Track([]), default), Throws.ArgumentException);
        Assert.That(() => car.Reset(new Track([])), Throws.ArgumentException);
        Assert.That(() => new Car(null!), Throws.ArgumentNullException);
    }

    private static void AssertSameMarks(Car actual, Car expected)
    {
        Assert.That(actual.SkidMarks, Has.Count.EqualTo(expected.SkidMarks.Count));
        for (int i = 0; i < expected.SkidMarks.Count; i++)
        {
            Assert.That(actual.SkidMarks[i].OnGrass, Is.EqualTo(expected.SkidMarks[i].OnGrass));
            Assert.That(actual.SkidMarks[i].Points.SequenceEqual(expected.SkidMarks[i].Points));
        }
    }
}
