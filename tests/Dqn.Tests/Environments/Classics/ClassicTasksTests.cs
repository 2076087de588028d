using System.Runtime.InteropServices;
using Dqn.Environments;

namespace Dqn.Tests.Environments;

/// <summary>MountainCar and Acrobot are Gymnasium's: the same starts, steps, rewards and ends.</summary>
public sealed class ClassicTasksTests
{
    private static readonly Func<IEnvironment>[] s_tasks = [() => new MountainCarEnvironment(), () => new AcrobotEnvironment()];

    [TestCaseSource(nameof(s_tasks))]
    public void They_conform(Func<IEnvironment> create) => Assert.That(EnvironmentConformance.List(create), Is.Empty);

    [Test]
    public void MountainCar_equals_Gymnasiums_step_by_step()
    {
        using var car = new MountainCarEnvironment();
        int ended = 0;
        foreach (GoldenStep golden in GoldenStep.Read("mountain-car.csv", 2))
        {
            Play(car, golden, ref ended);
            Assert.That(car.Position, Is.EqualTo(golden.State[0]).Within(1e-13));
            Assert.That(car.Velocity, Is.EqualTo(golden.State[1]).Within(1e-13));
            (car.Position, car.Velocity) = (golden.State[0], golden.State[1]); // Where the last bit differs, it is not carried on.
        }

        Assert.That(ended, Is.Positive);
    }

    [Test]
    public void Acrobot_equals_Gymnasiums_step_by_step()
    {
        using var acrobot = new AcrobotEnvironment();
        int ended = 0;
        foreach (GoldenStep golden in GoldenStep.Read("acrobot.csv", 4))
        {
            Play(acrobot, golden, ref ended);
            double[] state = [acrobot.State.Upper, acrobot.State.Lower, acrobot.State.UpperSpeed, acrobot.State.LowerSpeed];
            Assert.That(state, Is.EqualTo(golden.State).Within(1e-12));
            acrobot.State = new(golden.State[0], golden.State[1], golden.State[2], golden.State[3]);
        }

        Assert.That(ended, Is.Positive);
    }

    [Test]
    public void Whole_episodes_end_on_the_same_step_as_Gymnasiums()
    {
        foreach ((string name, int numbers, Func<IEnvironment> create) in new (string, int, Func<IEnvironment>)[]
        {
            ("mountain-car.csv", 2, () => new MountainCarEnvironment()), ("acrobot.csv", 4, () => new AcrobotEnvironment()),
        })
        {
            using IEnvironment environment = create();
            int ended = 0;
            foreach (GoldenStep golden in GoldenStep.Read(name, numbers))
                Play(environment, golden, ref ended);
            Assert.That(ended, Is.Positive);
        }
    }

    [Test]
    public void The_wall_stops_the_car()
    {
        using var car = new MountainCarEnvironment();
        car.Reset(1);
        (car.Position, car.Velocity) = (-1.19, -0.07);
        car.Step(0);
        Assert.That((car.Position, car.Velocity), Is.EqualTo((-1.2, 0.0)));
    }

    [Test]
    public void States_that_cannot_be_are_refused()
    {
        var environment = new MountainCarEnvironment();
        environment.Reset(1);
        using var memory = new MemoryStream();
        environment.SaveState(new BinaryWriter(memory));
        byte[] state = memory.ToArray();
        BitConverter.TryWriteBytes(state.AsSpan(state.Length - 16), double.NaN);
        Assert.That(
            () => environment.LoadState(new BinaryReader(new MemoryStream(state))),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("got NaN"));
        Assert.That(() => environment.Step(0), Throws.InvalidOperationException, "it needs a reset");
    }

    private static void Play(IEnvironment environment, GoldenStep golden, ref int ended)
    {
        if (golden.Step == 0)
        {
            environment.Reset(golden.Episode);
        }
        else
        {
            StepResult result = environment.Step(golden.Action);
            Assert.That(result, Is.EqualTo(new StepResult(golden.Reward, golden.Terminated, false)));
            ended += golden.Terminated ? 1 : 0;
        }

        var observation = new float[golden.Observation.Length];
        environment.Observe(MemoryMarshal.AsBytes(observation.AsSpan()));
        Assert.That(observation, Is.EqualTo(golden.Observation).Within(1e-5f));
    }
}
