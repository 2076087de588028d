using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Tests.Threading;
using Dqn.Threading;

namespace Dqn.Tests.Environments;

public class VectorEnvironmentTests
{
    private const int N = 4;

    // Episodes of different lengths, so that the environments end in different steps.
    private static IEnvironment CartPole(int index) => new CartPoleEnvironment().WithTimeLimit(12 + 3 * index);

    private static IEnvironment CarRacing(int index) =>
        new CarRacingEnvironment()
            .WithTimeLimit(36 + 8 * index)
            .WithStatistics()
            .WithNoOpStart(10)
            .WithFrameSkip(4)
            .WithGreyCrop()
            .WithFrameStack(4);

    private static IEnvironment Counting(int index) => new CountingEnvironment(4 + index, [2, 3], 100);

    private static Func<int, IEnvironment> Maker(string task) =>
        task switch { "CartPole" => CartPole, "CarRacing" => CarRacing, _ => Counting };

    private static VectorEnvironment On(
        WorkerPool pool, IEnvironment[] environments, AutoresetMode mode, int threads) =>
        new([.. environments], mode, threads, pool, disposeOnFailure: false);

    [Test]
    public void EqualsEnvironmentsSteppedOneByOne(
        [Values("CartPole", "CarRacing", "Counting")] string task, [Values] AutoresetMode mode,
        [Values(1, 2, 3)] int threads)
    {
        using var vector = On(TestPool.ManyThreads, [.. Enumerable.Range(0, N).Select(Maker(task))], mode, threads);
        var twin = new PlainVector(N, Maker(task), mode);
        vector.Reset(77);
        twin.Reset(77);
        Assert.That(vector.Threads, Is.EqualTo(threads));
        PlayAlike(vector, twin, 40, new Pcg64(5));
    }

    [Test]
    public void EnvironmentsTakeTheirSeedsFromTheirIndex()
    {
        var environments = Enumerable.Range(0, 3).Select(_ => new CountingEnvironment()).ToArray();
        using var vector = new VectorEnvironment(environments);
        vector.Reset(ulong.MaxValue);
        vector.Reset();
        vector.Reset([true, false, true], 10);
        vector.Reset([false, true, false]);
        Assert.That(environments[0].Resets, Is.EqualTo((ulong?[])[ulong.MaxValue, null, 10]));
        Assert.That(environments[1].Resets, Is.EqualTo((ulong?[])[0, null, null]));
        Assert.That(environments[2].Resets, Is.EqualTo((ulong?[])[1, null, 12]));
    }

    [Test]
    public void TheStepAfterAnEpisodesEndIgnoresItsActionAndResets()
    {
        var environment = new CountingEnvironment(framesPerEpisode: 2);
        using var vector = new VectorEnvironment([environment], AutoresetMode.NextStep);
        var results = new StepResult[1];
        vector.Reset(1);
        vector.Step([0], results);
        vector.Step([1], results);
        Assert.That(results[0].Terminated, Is.True);
        vector.Step([2], results);
        Assert.That(results[0], Is.EqualTo(default(StepResult)));
        Assert.That(environment.Actions, Is.EqualTo((int[])[0, 1]));
        Assert.That(environment.Resets, Is.EqualTo((ulong?[])[1, null]));

        // A reset by hand takes the place of the one that was due.
        vector.Step([0], results);
        vector.Step([0], results);
        vector.Reset([true]);
        vector.Step([2], results);
        Assert.That(environment.Actions, Is.EqualTo((int[])[0, 1, 0, 0, 2]));
    }

    [Test]
    public void TheFinalObservationLastsUntilTheNextStep()
    {
        using var vector = new VectorEnvironment(
            2, i => new CountingEnvironment(2 + i), AutoresetMode.SameStep);
        var results = new StepResult[2];
        var observations = new byte[vector.ObservationBytes];
        vector.Reset(1);
        vector.Step([0, 0], results);
        vector.Step([0, 0], results, observations);
        Assert.That(observations, Is.EqualTo((byte[])[0, 0, 0, 2, 2, 2]));
        Assert.That(vector.FinalObservation(0).ToArray(), Is.EqualTo((byte[])[2, 2, 2]));
        Assert.That(
            () => vector.FinalObservation(1).Length,
            Throws.InvalidOperationException.With.Message.Contains("Environment 1 of 2 (Counting)"));
        vector.Step([0, 0], results);
        Assert.That(vector.FinalObservation(1).ToArray(), Is.EqualTo((byte[])[3, 3, 3]));
        Assert.That(() => vector.FinalObservation(0).Length, Throws.InvalidOperationException);
        vector.Reset([false, true]);
        Assert.That(() => vector.FinalObservation(1).Length, Throws.InvalidOperationException);
        Assert.That(() => vector.FinalObservation(2).Length, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void NothingIsDrawnUnlessAskedFor([Values] AutoresetMode mode)
    {
        var environments = Enumerable.Range(0, 2).Select(_ => new CountingEnvironment()).ToArray();
        using var vector = new VectorEnvironment(environments, mode);
        var results = new StepResult[2];
        vector.Reset(1);
        for (int i = 0; i < 5; i++)
            vector.Step([0, 1], results);
        Assert.That(environments.Select(environment => environment.Observed), Is.All.Zero);
    }

    [Test]
    public void SteppingAllocatesNothing([Values(1, 2)] int threads)
    {
        using var vector = new VectorEnvironment(
            3, _ => new PixelPipeline().Create(), AutoresetMode.SameStep, threads);
        var results = new StepResult[3];
        var observations = new byte[vector.ObservationBytes];
        int[] actions = [3, 1, 2];
        vector.Reset(1);
        void Round()
        {
            for (int i = 0; i < 20; i++)
            {
                vector.Step(actions, results, observations);
                vector.Step(actions, results);
                vector.Observe(observations);
            }
        }

        Round();
        Assert.That(Allocations.Of(Round), Is.Zero);
    }

    [Test]
    public void AnExceptionNamesItsEnvironmentAndTheOthersGoOn([Values(1, 2, 3)] int threads)
    {
        var environments = Enumerable.Range(0, N).Select(i => new Failing(i is 1 or 2 ? 3 : 1000)).ToArray();
        using var vector = On(TestPool.ManyThreads, environments, AutoresetMode.NextStep, threads);
        var results = new StepResult[N];
        int[] actions = new int[N];
        vector.Reset(1);
        vector.Step(actions, results);
        vector.Step(actions, results);
        Assert.That(
            () => vector.Step(actions, results),
            Throws.InvalidOperationException
                .With.Message.EqualTo("Environment 1 of 4 (Counting): Step failed: out of fuel")
                .And.InnerException.InstanceOf<TimeZoneNotFoundException>());
        Assert.That(environments.Select(environment => environment.Frame), Is.EqualTo((int[])[3, 2, 2, 3]));
        Assert.That(
            () => vector.Step(actions, results),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "Environment 1 of 4 (Counting): call Reset before Step."));
        vector.Reset([false, true, true, false]);
        vector.Step(actions, results);
        Assert.That(environments.Select(environment => environment.Frame), Is.EqualTo((int[])[4, 1, 1, 4]));
    }

    [Test]
    public void WrongCallsAreRefusedAndLeaveEverythingAsItIs([Values] AutoresetMode mode)
    {
        var environments = Enumerable.Range(0, 3).Select(_ => new CountingEnvironment()).ToArray();
        using var vector = new VectorEnvironment(environments, mode);
        var results = new StepResult[3];
        Assert.That(
            () => vector.Step([0, 0, 0], results),
            Throws.InvalidOperationException.With.Message.Contains("Environment 0 of 3 (Counting): call Reset"));
        Assert.That(() => vector.Observe(new byte[9]), Throws.InvalidOperationException);
        vector.Reset([true, false, true], 3);
        Assert.That(
            () => vector.Step([0, 0, 0], results),
            Throws.InvalidOperationException.With.Message.Contains("Environment 1 of 3"));
        vector.Reset(3);
        Assert.That(
            () => vector.Step([0, 0], results), Throws.ArgumentException.With.Message.Contains("3, got 2"));
        Assert.That(
            () => vector.Step([0, 0, 0], new StepResult[4]),
            Throws.ArgumentException.With.Message.Contains("3, got 4"));
        Assert.That(
            () => vector.Step([0, 0, 0], results, new byte[8]),
            Throws.ArgumentException.With.Message.Contains("9 bytes for 3 observations of [3], got 8"));
        Assert.That(() => vector.Observe(new byte[10]), Throws.ArgumentException);
        Assert.That(() => vector.Reset([true]), Throws.ArgumentException);
        Assert.That(
            () => vector.Step([0, 0, 3], results),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains(
                "Environment 2 of 3 (Counting): expected an action from 0 to 2, got 3"));
        Assert.That(
            () => vector.Step([-1, 0, 0], results), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(environments.Select(environment => environment.Frame), Is.All.Zero);
        vector.Dispose();
        Assert.That(() => vector.Reset(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => vector.Step([0, 0, 0], results), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void WithoutAutoresetAnEndedEpisodeIsNotStepped()
    {
        using var vector = new VectorEnvironment(
            2, i => new CountingEnvironment(2 + i), AutoresetMode.Disabled);
        var results = new StepResult[2];
        vector.Reset(1);
        vector.Step([0, 0], results);
        vector.Step([0, 0], results);
        Assert.That(
            () => vector.Step([0, 0], results),
            Throws.InvalidOperationException.With.Message.Contains("Environment 0 of 2 (Counting): the episode has ended"));
        vector.Reset([true, false]);
        vector.Step([0, 0], results);
        Assert.That(results.Select(result => result.Reward), Is.EqualTo((double[])[0.5, 0.125]));
    }

    [Test]
    public void UnequalEnvironmentsAreRefusedAndDisposed()
    {
        var made = new List<CountingEnvironment>();
        Assert.That(
            () => new VectorEnvironment(3, i =>
            {
                made.Add(new CountingEnvironment(shape: [i < 2 ? 3 : 5]));
                return made[^1];
            }),
            Throws.ArgumentException.With.Message.Contains("Environment 2 differs from environment 0")
                .And.Message.Contains("[3] of Byte").And.Message.Contains("[5] of Byte"));
        Assert.That(made.Select(environment => environment.Disposed), Is.EqualTo((bool[])[true, true, true]));

        made.Clear();
        Assert.That(
            () => new VectorEnvironment(3, i =>
            {
                if (i == 1)
                    throw new TimeZoneNotFoundException();
                made.Add(new CountingEnvironment());
                return made[^1];
            }),
            Throws.InstanceOf<TimeZoneNotFoundException>());
        Assert.That(made.Single().Disposed, Is.True);

        // Given ones stay the caller's.
        using var one = new CountingEnvironment();
        Assert.That(
            () => new VectorEnvironment([one, one]),
            Throws.ArgumentException.With.Message.Contains("Environment 1 is environment 0"));
        Assert.That(() => new VectorEnvironment([one, null!]), Throws.ArgumentException);
        Assert.That(() => new VectorEnvironment([]), Throws.ArgumentException);
        Assert.That(() => new VectorEnvironment(null!), Throws.ArgumentNullException);
        Assert.That(() => new VectorEnvironment(0, Counting), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new VectorEnvironment(1, null!), Throws.ArgumentNullException);
        Assert.That(
            () => new VectorEnvironment([one], (AutoresetMode)3), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new VectorEnvironment([one], threads: -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(one.Disposed, Is.False);
    }

    [Test]
    public void DisposingDisposesEach()
    {
        var environments = Enumerable.Range(0, 3).Select(_ => new CountingEnvironment()).ToArray();
        var vector = new VectorEnvironment(environments, threads: 8);
        Assert.That(vector.Threads, Is.EqualTo(Math.Min(3, Environment.ProcessorCount)));
        vector.Dispose();
        vector.Dispose();
        Assert.That(environments.Select(environment => environment.Disposed), Is.All.True);
    }

    [Test]
    public void ThreadsOfItsOwnAreAsManyAsAskedForThoughProcessorsAreFewer()
    {
        int count = 4 * Environment.ProcessorCount;
        using var barrier = new Barrier(count);
        using var vector = new VectorEnvironment(count, _ => new Meeting(barrier), ownThreads: true);
        Assert.That(vector.Threads, Is.EqualTo(count));
        vector.Reset(1);
        var results = new StepResult[count];
        for (int step = 0; step < 20; step++)
            vector.Step(new int[count], results);
        Assert.That(barrier.CurrentPhaseNumber, Is.EqualTo(20), "each step all of them have met");

        using var few = new VectorEnvironment(count, _ => new CountingEnvironment(), threads: 3, ownThreads: true);
        Assert.That(few.Threads, Is.EqualTo(3));
    }

    [Test]
    public void AResumedVectorGoesOnAlike(
        [Values("CartPole", "CarRacing", "Counting")] string task, [Values] AutoresetMode mode)
    {
        // One is never interrupted; the other is saved and goes on as a copy, with another number of threads.
        var twin = new PlainVector(N, Maker(task), mode);
        var vector = new VectorEnvironment(N, Maker(task), mode, 2);
        vector.Reset(9);
        twin.Reset(9);
        var random = new Pcg64(6);
        int endings = 0;
        for (int save = 0; save < 10; save++)
        {
            PlayAlike(vector, twin, 1 + save % 3, random);
            endings += twin.Ended.Count(ended => ended);
            byte[] state = Save(vector);
            byte[][] finals = Finals(vector);
            vector.Dispose();
            vector = new VectorEnvironment(N, Maker(task), mode, 1 + save % 3);
            Load(vector, state);
            Assert.That(Save(vector), Is.EqualTo(state));
            Assert.That(Finals(vector), Is.EqualTo(finals));
        }

        vector.Dispose();
        Assert.That(endings, Is.Positive, "no save met an ended episode");
    }

    [Test]
    public void OtherStatesAreRefused()
    {
        using var vector = new VectorEnvironment(N, Counting, AutoresetMode.SameStep);
        vector.Reset(1);
        byte[] state = Save(vector);
        using var fewer = new VectorEnvironment(N - 1, Counting, AutoresetMode.SameStep);
        Assert.That(() => Load(fewer, state), Throws.InstanceOf<InvalidDataException>());
        using var other = new VectorEnvironment(N, Counting, AutoresetMode.NextStep);
        Assert.That(
            () => Load(other, state),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("expected the mode NextStep, got SameStep"));
        Assert.That(() => Load(vector, state[..^1]), Throws.InstanceOf<EndOfStreamException>());
        Assert.That(
            () => vector.Step(new int[N], new StepResult[N]),
            Throws.InvalidOperationException.With.Message.Contains("call Reset"));
        state[13] = 2;
        Assert.That(() => Load(vector, state), Throws.InstanceOf<InvalidDataException>());

        using var unable = new VectorEnvironment([new CountingEnvironment(), new Unsavable()]);
        Assert.That(unable.CanSaveState, Is.False);
        Assert.That(vector.CanSaveState, Is.True);
        Assert.That(
            () => Save(unable), Throws.InstanceOf<NotSupportedException>().With.Message.Contains("Environment 1 of 2"));
        Assert.That(() => Load(unable, state), Throws.InstanceOf<NotSupportedException>());
    }

    private static void PlayAlike(VectorEnvironment vector, PlainVector twin, int steps, Pcg64 random)
    {
        var actions = new int[vector.Count];
        StepResult[] results = new StepResult[vector.Count], expected = new StepResult[vector.Count];
        byte[] observations = new byte[vector.ObservationBytes], seen = new byte[vector.ObservationBytes];
        for (int step = 0; step < steps; step++)
        {
            if (vector.Autoreset == AutoresetMode.Disabled)
            {
                vector.Reset(twin.Ended);
                twin.Reset(twin.Ended);
            }

            foreach (ref int action in actions.AsSpan())
                action = random.Integer(vector.Spec.ActionCount);
            twin.Step(actions, expected, seen);
            if (step % 3 == 0)
            {
                vector.Step(actions, results);
                vector.Observe(observations);
            }
            else
            {
                vector.Step(actions, results, observations);
            }

            Assert.That(results, Is.EqualTo(expected), $"step {step}");
            Assert.That(observations.AsSpan().SequenceEqual(seen), $"observations after step {step}");
            for (int i = 0; i < vector.Count; i++)
            {
                if (twin.Finals[i] is { } final)
                    Assert.That(vector.FinalObservation(i).SequenceEqual(final), $"final observation, step {step}");
                else
                    Assert.That(HasFinal(vector, i), Is.False);
            }
        }
    }

    private static bool HasFinal(VectorEnvironment vector, int index)
    {
        try
        {
            return vector.FinalObservation(index).Length > 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[][] Finals(VectorEnvironment vector) =>
        [.. Enumerable.Range(0, vector.Count).Select(i =>
            HasFinal(vector, i) ? vector.FinalObservation(i).ToArray() : [])];

    private static byte[] Save(VectorEnvironment vector)
    {
        using var memory = new MemoryStream();
        vector.SaveState(new BinaryWriter(memory));
        return memory.ToArray();
    }

    private static void Load(VectorEnvironment vector, byte[] state) =>
        vector.LoadState(new BinaryReader(new MemoryStream(state)));

    private sealed class Failing(int atFrame) : CountingEnvironment
    {
        public override StepResult Step(int action) =>
            Frame + 1 == atFrame ? throw new TimeZoneNotFoundException("out of fuel") : base.Step(action);
    }

    private sealed class Unsavable : CountingEnvironment
    {
        public override bool CanSaveState => false;
    }

    // Waits in a step for all others: in vain where they are not stepped at the same time.
    private sealed class Meeting(Barrier barrier) : EnvironmentWrapper(new CountingEnvironment())
    {
        public override StepResult Step(int action) => barrier.SignalAndWait(TimeSpan.FromSeconds(60))
            ? base.Step(action)
            : throw new TimeoutException("The others did not come.");
    }
}
