using Dqn.CarRacing;
using Dqn.CarRacing.Training;
using Dqn.Environments;

namespace Dqn.Tests.Environments.Wrappers;

public class SetbackStartTests
{
    [Test]
    public void AfterALowRewardAnEpisodeStartsUpTo40StepsBefore()
    {
        var starts = new SortedSet<int>();
        for (ulong seed = 0; seed < 60; seed++)
        {
            using var environment = new SetbackStart(new Stumbling(57), part: 1);
            environment.Reset(seed);
            Drive(environment, 200);
            Assert.That((environment.IsRetry, environment.Count), Is.EqualTo((false, 1)));
            environment.Reset();
            Assert.That((environment.IsRetry, environment.Count), Is.EqualTo((true, 0)));
            starts.Add(Frame(environment));
        }

        Assert.That(starts, Is.EqualTo(new[] { 20, 30, 40, 50 }));
    }

    [Test]
    public void AfterAnEpisodeGivenUpOneStartsUpTo120StepsBefore()
    {
        var starts = new SortedSet<int>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            using var environment = new SetbackStart(new Stumbling(), part: 1);
            environment.Reset(seed);
            Drive(environment, 145);
            environment.Reset();
            Assert.That(environment.IsRetry, Is.True);
            starts.Add(Frame(environment));
        }

        Assert.That(starts, Is.EqualTo(Enumerable.Range(3, 12).Select(i => 10 * i)));
    }

    [Test]
    public void ARewardTimeoutAroundItGivesUp()
    {
        var stumbling = new Stumbling { Reward = -0.1 };
        using var environment = new SetbackStart(stumbling, part: 1).WithRewardTimeout(25);
        environment.Reset(1);
        while (!environment.Step(0).Ended)
        {
        }

        environment.Reset();
        Assert.That(environment.Find<SetbackStart>()!.IsRetry, Is.True);
        Assert.That(stumbling.Frame, Is.AnyOf(0, 10, 20));
        for (int i = 0; i < 24; i++)
            Assert.That(environment.Step(0).Ended, Is.False, "it has all its steps again");
        Assert.That(environment.Step(0).Truncated, Is.True);
    }

    [Test]
    public void AnEpisodeThatEndedWellIsNoSetback()
    {
        using var environment = new SetbackStart(new Stumbling(), part: 1);
        environment.Reset(1);
        Drive(environment, 200);
        environment.Reset();
        Assert.That((environment.IsRetry, environment.Count), Is.EqualTo((false, 0)));
    }

    [Test]
    public void WhatFollowsShortlyAfterHasTheSameCause()
    {
        using var environment = new SetbackStart(new Stumbling(57, 58, 59), part: 1);
        environment.Reset(1);
        Drive(environment, 200);
        Assert.That(environment.Count, Is.EqualTo(1));
        using var two = new SetbackStart(new Stumbling(57, 61), part: 1);
        two.Reset(1);
        Drive(two, 200);
        Assert.That(two.Count, Is.EqualTo(2));
    }

    [Test]
    public void WhatFailsAgainIsTriedAgain()
    {
        using var environment = new SetbackStart(new Stumbling(57), part: 1);
        environment.Reset(1);
        for (int i = 0; i < 5; i++)
        {
            Drive(environment, 200);
            environment.Reset();
            Assert.That(environment.IsRetry, Is.True);
        }
    }

    [Test]
    public void ThePartIsKeptAndFreshEpisodesAreNewOnes()
    {
        var stumbling = new Stumbling(5);
        using var environment = new SetbackStart(stumbling, part: 0.25);
        environment.Reset(1);
        int retries = 0;
        for (int i = 0; i < 1000; i++)
        {
            Drive(environment, 200);
            environment.Reset();
            retries += environment.IsRetry ? 1 : 0;
        }

        Assert.That(retries, Is.InRange(200, 300));
        Assert.That(environment.Count, Is.InRange(31, 32), "the oldest are forgotten");
        Assert.That(stumbling.Resets, Is.Unique.And.Count.EqualTo(1001 - retries));
        environment.Reset(1);
        Assert.That((environment.IsRetry, environment.Count), Is.EqualTo((false, 0)), "a seed forgets them");
    }

    [Test]
    public void It_conforms_and_saves_its_state()
    {
        Assert.That(EnvironmentConformance.List(() => new SetbackStart(new Stumbling(27, 36)), steps: 2000), Is.Empty);
        Assert.That(
            EnvironmentConformance.List(() => new PixelPipeline { Frames = 300 }.Create(
                shape: task => new SetbackStart(new LapShaping(task, 10)).WithRewardTimeout(20)), steps: 60),
            Is.Empty);
    }

    [Test]
    public void ACarStartsWhereItWas()
    {
        var racing = new CarRacingEnvironment();
        using var environment = new SetbackStart(racing, part: 1);
        environment.Reset(3);
        var positions = new List<(BodyState Hull, int Tiles)>();
        for (int i = 0; i < 120; i++)
        {
            if (i % 10 == 0)
                positions.Add((racing.Car.Dynamics.Hull, racing.TilesVisited));
            environment.Step(3);
        }

        TrackTile[] track = racing.Track.Tiles.ToArray();
        environment.Reset();
        Assert.That(positions, Does.Contain((racing.Car.Dynamics.Hull, racing.TilesVisited)));
        Assert.That(racing.Track.Tiles.ToArray(), Is.EqualTo(track));
    }

    [Test]
    public void Bad_arguments_and_states_are_named()
    {
        foreach (double part in (double[])[-0.1, 1.1, double.NaN])
        {
            Assert.That(
                () => new SetbackStart(new Stumbling(), part),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 … 1"));
        }

        Assert.That(
            () => new SetbackStart(new Stumbling(), reward: double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new SetbackStart(new Forgetful()), Throws.ArgumentException.With.Message.Contains("save its state"));

        using var environment = new SetbackStart(new Stumbling(27), part: 1);
        environment.Reset(1);
        Drive(environment, 45);
        using var memory = new MemoryStream();
        EnvironmentState.Save(environment, new BinaryWriter(memory));
        byte[] saved = memory.ToArray();
        Assert.That(
            () => EnvironmentState.Load(environment, new BinaryReader(new MemoryStream(saved, 0, saved.Length - 1))), Throws.TypeOf<EndOfStreamException>());
        using var other = new Stumbling().WithRewardTimeout(4);
        Assert.That(
            () => EnvironmentState.Load(other, new BinaryReader(new MemoryStream(saved))),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("kind was \"SetbackStart\", is \"RewardTimeout\""));
    }

    private static int Frame(IEnvironment environment) => environment.Find<Stumbling>()!.Frame;

    private static void Drive(IEnvironment environment, int steps)
    {
        for (int i = 0; i < steps && !environment.Step(0).Ended; i++)
        {
        }
    }

    /// <summary>150 frames; −10 at these.</summary>
    private sealed class Stumbling(params int[] frames) : CountingEnvironment(150)
    {
        public double Reward { get; init; } = 1;

        public override StepResult Step(int action) => base.Step(action) with { Reward = frames.Contains(Frame) ? -10 : Reward };
    }

    private sealed class Forgetful : CountingEnvironment
    {
        public override bool CanSaveState => false;
    }
}
