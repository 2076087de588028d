using Dqn.Agents;
using Dqn.Environments;
using Dqn.Tests.Agents;
using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>Several environments act for one learner, and it is as if they had been stepped one by one.</summary>
public class SeveralEnvironmentsTests
{
    private static readonly DqnOptions s_options = new()
    {
        Environments = 3,
        Epsilon = new EpsilonSchedule(0.9, 0.3, 200) { Ladder = 2 },
        WarmupSteps = 30,
        BufferCapacity = 90,
        BatchSize = 8,
        UpdatePeriod = 2,
        TargetUpdatePeriod = 45,
        NStep = 2,
    };

    [Test]
    public void The_loop_is_what_it_says([Values(1, 2)] int threads)
    {
        using DqnAgent agent = Agent(s_options), twin = Agent(s_options);
        using var environments = new VectorEnvironment(3, _ => Task(), threads: threads);
        List<TrainingStep> steps = [.. new TrainingLoop(agent, environments, seed: 5).RunLazily().Take(600)];
        Assert.That(steps, Is.EqualTo(Plain(twin, seed: 5).Take(600)));
        Assert.That(Table(agent), Is.EqualTo(Table(twin)));
        Assert.That(steps.Select(step => step.Number), Is.EqualTo(Enumerable.Range(1, 600)));
        Assert.That(steps.Count(step => step.Learned is not null), Is.EqualTo((600 - 30) / 2));
        for (int i = 0; i < 3; i++)
            Assert.That(steps.Count(step => step.Environment == i && step.Episode is not null), Is.GreaterThan(5));
    }

    [Test]
    public void One_environment_is_a_vector_of_one()
    {
        DqnOptions options = s_options with { Environments = 1, Epsilon = new EpsilonSchedule(0.9, 0.3, 200) };
        using DqnAgent agent = Agent(options), other = Agent(options);
        using IEnvironment environment = Task();
        using var vector = new VectorEnvironment(1, _ => Task());
        Assert.That(
            new TrainingLoop(agent, environment, seed: 5).RunLazily().Take(300),
            Is.EqualTo(new TrainingLoop(other, vector, seed: 5).RunLazily().Take(300)));
        Assert.That(Table(agent), Is.EqualTo(Table(other)));
    }

    [Test]
    public void Each_environment_explores_by_its_own_epsilon()
    {
        DqnOptions options = s_options with { Epsilon = new EpsilonSchedule(0.8, 0.8) { Ladder = 7 }, WarmupSteps = 0 };
        using DqnAgent agent = Agent(options);
        Array.Fill(((TabularNetwork)agent.Network).Table, -1);
        for (int state = 0; state < 256; state++)
            ((TabularNetwork)agent.Network).Table[state * 3 + 1] = 1;
        var other = new double[3];
        var actions = new int[3];
        const int Draws = 20_000;
        for (int i = 0; i < Draws; i++)
        {
            agent.Act(new byte[3 * 36], actions);
            for (int j = 0; j < 3; j++)
                other[j] += actions[j] == 1 ? 0 : 1.5 / Draws;
        }

        Assert.That(other[0], Is.EqualTo(0.8).Within(0.02));
        Assert.That(other[1], Is.EqualTo(Math.Pow(0.8, 4.5)).Within(0.02));
        Assert.That(other[2], Is.EqualTo(Math.Pow(0.8, 8)).Within(0.02));
        Assert.That(agent.Epsilon, Is.EqualTo((0.8 + Math.Pow(0.8, 4.5) + Math.Pow(0.8, 8)) / 3).Within(1e-12));
    }

    [Test]
    public void Several_updates_at_a_time_give_their_mean()
    {
        using DqnAgent agent = Agent(s_options with { UpdatePeriod = 3, UpdatesPerPeriod = 4 });
        using DqnAgent twin = Agent(s_options with { UpdatePeriod = 600, UpdatesPerPeriod = 1 });
        using var environments = new VectorEnvironment(3, _ => Task());
        List<TrainingStep> steps = [.. new TrainingLoop(agent, environments, seed: 5).RunLazily().Take(33)];
        using var others = new VectorEnvironment(3, _ => Task());
        Assert.That(new TrainingLoop(twin, others, seed: 5).RunLazily().Take(33).Count(), Is.EqualTo(33));
        LearnResult[] results = [.. Enumerable.Range(0, 4).Select(_ => twin.Learn())];
        LearnResult mean = steps.Single(step => step.Learned is not null).Learned!.Value;
        Assert.That(steps[^1].Learned, Is.Not.Null);
        Assert.That(mean.Loss, Is.EqualTo(results.Average(result => result.Loss)).Within(1e-6));
        Assert.That(mean.MeanValue, Is.EqualTo(results.Average(result => result.MeanValue)).Within(1e-6));
        Assert.That(
            mean.MeanAbsoluteTdError, Is.EqualTo(results.Average(result => result.MeanAbsoluteTdError)).Within(1e-6));
        Assert.That(Table(agent), Is.EqualTo(Table(twin)));
    }

    [Test]
    public void Neighbouring_seeds_share_no_environment()
    {
        var seeds = new List<ulong?>();
        foreach (ulong seed in new ulong[] { 5, 6 })
        {
            using DqnAgent agent = Agent(s_options);
            PixelChase[] tasks = [new(true), new(true), new(true)];
            using var environments = new VectorEnvironment(
                tasks.Select(task => task.WithNoOpStart(2).WithFrameStack(3)));
            Assert.That(new TrainingLoop(agent, environments, seed).RunLazily().Take(100).Count(), Is.EqualTo(100));
            seeds.AddRange(tasks.SelectMany(task => task.Seeds).Where(value => value is not null));
        }

        Assert.That(seeds, Is.Unique.And.Count.EqualTo(6));
        Assert.That(seeds[0], Is.EqualTo(5));
    }

    [Test]
    public void Misfits_are_named()
    {
        using DqnAgent agent = Agent(s_options);
        using IEnvironment one = Task();
        using var two = new VectorEnvironment(2, _ => Task());
        using var same = new VectorEnvironment(3, _ => Task(), AutoresetMode.SameStep);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => new TrainingLoop(agent, one, 1), Throws.ArgumentException.With.Message.Contains("Expected 3"));
            Assert.That(
                () => new TrainingLoop(agent, two, 1), Throws.ArgumentException.With.Message.Contains("got 2"));
            Assert.That(
                () => new TrainingLoop(agent, same, 1), Throws.ArgumentException.With.Message.Contains("NextStep"));
            Assert.That(() => agent.Act(new byte[36]), Throws.ArgumentException.With.Message.Contains("3 × 36"));
            Assert.That(
                () => agent.Act(new byte[108], new int[2]),
                Throws.ArgumentException.With.Message.Contains("3 actions"));
            Assert.That(() => agent.Begin(new byte[36], 3), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    // What the loop says it does, without a vector: every environment by itself, one after another.
    private static IEnumerable<TrainingStep> Plain(DqnAgent agent, ulong seed)
    {
        IEnvironment[] environments = [Task(), Task(), Task()];
        var observations = new byte[3][];
        for (int i = 0; i < 3; i++)
        {
            environments[i].Reset(seed + ((ulong)i << 32));
            observations[i] = new byte[36];
            environments[i].Observe(observations[i]);
            agent.Begin(observations[i], i);
        }

        var lengths = new int[3];
        for (long number = 1; ;)
        {
            var actions = new int[3];
            agent.Act(observations.SelectMany(observation => observation).ToArray(), actions);
            StepResult[] results = [.. environments.Zip(actions, (environment, action) => environment.Step(action))];
            for (int i = 0; i < 3; i++, number++)
            {
                environments[i].Observe(observations[i]);
                LearnResult? learned = agent.RecordAndLearn(
                    actions[i], results[i].Reward, results[i].Terminated, results[i].Truncated, observations[i], i);
                lengths[i]++;
                EpisodeSummary? episode = null;
                if (results[i].Ended)
                {
                    var statistics = environments[i].Find<EpisodeStatistics>()!;
                    episode = new EpisodeSummary(
                        statistics.Return, lengths[i], results[i].Terminated, results[i].Truncated, statistics.Frames);
                }

                yield return new TrainingStep(
                    number, actions[i], results[i].Reward, results[i].Terminated, results[i].Truncated, learned,
                    episode, i);
            }

            for (int i = 0; i < 3; i++)
            {
                if (!results[i].Ended)
                    continue;
                environments[i].Reset();
                environments[i].Observe(observations[i]);
                agent.Begin(observations[i], i);
                lengths[i] = 0;
            }
        }
    }

    private static IEnvironment Task() => SmallRun.Make("pixels");

    private static DqnAgent Agent(DqnOptions options)
    {
        using IEnvironment task = Task();
        return new DqnAgent(new TabularNetwork(256, 3, 36, 0.1f), task.Spec, options, seed: 9);
    }

    private static float[] Table(DqnAgent agent) => ((TabularNetwork)agent.Network).Table;
}
