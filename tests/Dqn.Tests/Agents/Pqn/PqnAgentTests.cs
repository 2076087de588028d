using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;
using Dqn.Values;

namespace Dqn.Tests.Agents.Pqn;

public sealed class PqnAgentTests
{
    private static readonly EnvironmentSpec s_states = new()
    {
        Name = "States",
        ObservationShape = [1],
        ElementType = ElementType.Byte,
        Layout = ObservationLayout.Features,
        ActionCount = 2,
    };

    private static readonly PqnOptions s_three = new()
    {
        Environments = 1,
        RolloutSteps = 3,
        BatchSize = 3,
        Epochs = 1,
        Discount = 0.5,
        Lambda = 0.5,
        Epsilon = new EpsilonSchedule(0, 0, 1),
        Architecture = new(),
    };

    /// <summary>
    /// From state 0 over 1 and 2 to 3 for 1, 2 and 3, worth at most 4, 8 and 12: the targets by hand of
    /// <see cref="LambdaReturnsTests"/>. At state 1 the action taken is not the best one.
    /// </summary>
    [Test]
    public void A_rollout_by_hand()
    {
        TabularNetwork network = States();
        using var agent = new PqnAgent(network, s_states, s_three, seed: 1);
        agent.Begin([0]);
        Assert.That(Step(agent, 0, 0, 1, 1), Is.Null);
        Assert.That(Step(agent, 1, 1, 2, 2), Is.Null);
        Assert.That(agent.IsUpdateDue, Is.False);
        LearnResult learnt = Step(agent, 2, 0, 3, 3)!.Value;
        Assert.That(Targets(network), Is.EqualTo(new[] { (0, 0, 3.5625f), (1, 1, 6.25f), (2, 0, 9f) }));

        // Values of the actions taken: 0, −1 and 8.
        Assert.That(learnt.MeanValue, Is.EqualTo(7 / 3f).Within(1e-6));
        Assert.That(learnt.MeanAbsoluteTdError, Is.EqualTo((3.5625 + 7.25 + 1) / 3).Within(1e-6));
        Assert.That((agent.Steps, agent.Updates, network.Fits), Is.EqualTo((3, 1, 1)));
        Assert.That(agent.Learner.Evaluated, Is.EqualTo(1), "the last state alone");
    }

    [Test]
    public void A_truncated_episode_counts_the_value_of_where_it_ended_and_a_terminated_one_nothing([Values] bool terminated)
    {
        TabularNetwork network = States();
        using var agent = new PqnAgent(network, s_states, s_three, seed: 1);
        agent.Begin([0]);
        Step(agent, 0, 0, 1, 1);
        agent.RecordAndLearn(0, 2, terminated, !terminated, [2]);
        agent.Begin([0]);
        Step(agent, 0, 0, 5, 1);
        float second = terminated ? 2 : 2 + 0.5f * 8, first = 1 + 0.5f * (0.5f * 4 + 0.5f * second);
        Assert.That(
            Targets(network), Is.EquivalentTo(new[] { (0, 0, first), (1, 0, second), (0, 0, 5 + 0.5f * 4) }));
    }

    [Test]
    public void An_episode_that_is_left_counts_as_truncated()
    {
        TabularNetwork network = States();
        using var agent = new PqnAgent(network, s_states, s_three, seed: 1);
        agent.Begin([0]);
        Step(agent, 0, 0, 1, 1);
        agent.Begin([2]);
        agent.Begin([3]);
        Step(agent, 3, 0, 1, 1);
        Step(agent, 1, 0, 1, 2);
        float last = 1 + 0.5f * 8;
        Assert.That(
            Targets(network), Is.EqualTo(new[] { (0, 0, 3f), (1, 0, last), (3, 0, 1 + 0.5f * (0.5f * 4 + 0.5f * last)) }));
    }

    [Test]
    public void Recording_and_learning_may_be_apart_and_in_part()
    {
        TabularNetwork network = States();
        using var agent = new PqnAgent(network, s_states, s_three, seed: 1);
        Assert.That(agent.Learn, Throws.InvalidOperationException.With.Message.Contains("Record"));
        agent.Begin([0]);
        agent.Record(0, 1, false, false, [1]);
        agent.Record(1, 2, false, false, [2]);
        agent.Learn();
        Assert.That(Targets(network), Is.EqualTo(new[] { (0, 0, 1 + 0.5f * (0.5f * 4 + 0.5f * 6)), (1, 1, 6f) }));
        for (byte i = 0; i < 3; i++)
            agent.Record(0, 1, false, false, [1]);
        Assert.That(agent.IsUpdateDue);
        Assert.That(
            () => agent.Record(0, 1, false, false, [1]),
            Throws.InvalidOperationException.With.Message.Contains("Environment 0 has made 3 steps: expected Learn"));
        agent.Learn();
        Assert.That((agent.IsUpdateDue, agent.Steps, agent.Updates), Is.EqualTo((false, 5, 2)));
    }

    [Test]
    public void An_environment_that_lacks_steps_does_not_hold_up_the_others()
    {
        TabularNetwork network = States();
        using var agent = new PqnAgent(
            network, s_states, s_three with { Environments = 2, RolloutSteps = 2, BatchSize = 4 }, seed: 1);
        agent.Begin([0], 0);
        agent.Begin([3], 1);
        Assert.That(agent.RecordAndLearn(0, 1, false, false, [1], 0), Is.Null);
        Assert.That(agent.RecordAndLearn(1, 1, false, false, [2], 0), Is.Null);
        Assert.That(agent.RecordAndLearn(1, 7, false, false, [3], 1), Is.Null);
        Assert.That(agent.RecordAndLearn(0, 1, false, false, [2], 0), Is.Not.Null, "learns first");
        Assert.That(
            Targets(network), Is.EqualTo(new[] { (0, 0, 1 + 0.5f * (0.5f * 4 + 0.5f * 5)), (1, 1, 5f), (3, 1, 13f) }));
        Assert.That(agent.Steps, Is.EqualTo(4));
        agent.RecordAndLearn(0, 1, false, false, [2], 1);
        agent.RecordAndLearn(0, 1, false, false, [2], 0);
        Assert.That(agent.RecordAndLearn(0, 1, false, false, [2], 1), Is.Not.Null);
    }

    [Test]
    public void Each_epoch_shuffles_all_transitions_into_batches()
    {
        var seen = new List<int[]>();
        var network = new TabularNetwork(256, 2, 1, 0) { RecordsBatches = true };
        using var agent = new PqnAgent(
            new FitSpy(network, () => seen.Add([.. network.Last.Observations.Select(state => (int)state)])), s_states,
            s_three with { Environments = 2, RolloutSteps = 10, BatchSize = 4, Epochs = 3 }, seed: 1);
        for (int environment = 0; environment < 2; environment++)
            agent.Begin([(byte)(100 * environment)], environment);
        for (int t = 1; t <= 10; t++)
            for (int environment = 0; environment < 2; environment++)
                agent.RecordAndLearn(0, 0, false, false, [(byte)(100 * environment + t)], environment);
        Assert.That(seen, Has.Count.EqualTo(15).And.All.Length.EqualTo(4));
        int[][] epochs = [.. seen.Chunk(5).Select(batches => batches.SelectMany(batch => batch).ToArray())];
        foreach (int[] epoch in epochs)
        {
            Assert.That(epoch, Is.EquivalentTo(Enumerable.Range(0, 10).Concat(Enumerable.Range(100, 10))));
            Assert.That(epoch, Is.Not.Ordered);
        }

        Assert.That(epochs[1], Is.Not.EqualTo(epochs[0]));
        Assert.That(agent.Updates, Is.EqualTo(15));
    }

    [Test]
    public void Epsilon_and_the_learning_rate_follow_the_steps()
    {
        var network = new TabularNetwork(256, 2, 1, 0);
        using var agent = new PqnAgent(
            network, s_states,
            s_three with
            {
                Epsilon = new EpsilonSchedule(1, 0, 100),
                LearningRate = new LearningRateSchedule(0.1, 0.01, 30),
            },
            seed: 1);
        agent.Begin([0]);
        int random = 0;
        for (int step = 1; step <= 300; step++)
        {
            network.Table[0] = 1;
            network.Table[1] = 0; // whatever was learnt: action 1 is a random one
            var actions = new int[1];
            agent.Act([0], actions);
            random += actions[0];
            Assert.That(agent.Epsilon, Is.EqualTo(Math.Max(0, 1 - (step - 1) / 100.0)).Within(1e-12));
            Assert.That(step < 102 || actions[0] == 0);
            agent.RecordAndLearn(actions[0], 0, false, false, [0]);
            if (step == 15)
                Assert.That(network.LearningRate, Is.EqualTo(0.055).Within(1e-12));
        }

        Assert.That(random, Is.InRange(15, 35), "half of the 50 expected random actions");
        Assert.That(network.LearningRate, Is.EqualTo(0.01));
    }

    [Test]
    public void What_is_evaluated_may_be_an_average()
    {
        TabularNetwork network = States();
        network.LearningRate = 1;
        using var agent = new PqnAgent(network, s_states, s_three with { EvaluationAverage = 0.75 }, seed: 1);
        var average = (TabularNetwork)agent.EvaluationNetwork;
        Assert.That(average, Is.Not.SameAs(network));
        agent.Begin([0]);
        float expected = 0;
        for (int update = 1; update <= 6; update++)
        {
            for (int i = 0; i < 3; i++)
                agent.RecordAndLearn(0, update, false, false, [0]);
            expected += Math.Max(0.25f, 1f / update) * (network.Table[0] - expected);
            Assert.That(average.Table[0], Is.EqualTo(expected).Within(1e-5));
        }
    }

    [Test]
    public void Noisy_layers_explore_by_themselves()
    {
        using var environments = new VectorEnvironment(4, _ => new CartPoleEnvironment().WithTimeLimit(20), threads: 1);
        using PqnAgent agent = PqnAgent.Create(
            environments.Spec,
            new PqnOptions
            {
                Environments = 4,
                RolloutSteps = 8,
                BatchSize = 16,
                Epsilon = new EpsilonSchedule(0, 0, 1),
                Architecture = new ActionValueOptions { Noisy = true, LayerNorm = true },
                Network = new PqnOptions().Network with { Threads = 1 },
            },
            seed: 1);
        var states = new byte[4 * environments.Spec.ObservationBytes];
        var taken = new HashSet<string>();
        for (int i = 0; i < 50; i++)
        {
            var actions = new int[4];
            agent.Act(states, actions);
            taken.Add(string.Join(' ', actions));
        }

        Assert.That(taken, Has.Count.GreaterThan(1));
        new TrainingLoop(agent, environments, seed: 1).Run(320);
        Assert.That(agent.Updates, Is.EqualTo(10 * 4));
    }

    [Test]
    public void Steps_allocate_nothing()
    {
        using PqnAgent agent = PqnAgent.Create(
            Numbers(9), new PqnOptions
            {
                Environments = 2,
                RolloutSteps = 8,
                BatchSize = 8,
                EvaluationAverage = 0.9,
                Network = new PqnOptions().Network with { Threads = 1 },
            },
            seed: 1);
        var observations = new byte[2 * 36];
        var actions = new int[2];
        agent.Begin(observations.AsSpan(0, 36), 0);
        agent.Begin(observations.AsSpan(0, 36), 1);
        Go();
        Assert.That(Allocations.Of(Go), Is.LessThan(200));

        void Go()
        {
            for (int i = 0; i < 40; i++)
            {
                agent.Act(observations, actions);
                for (int environment = 0; environment < 2; environment++)
                {
                    bool ended = i % 5 == 4;
                    agent.RecordAndLearn(actions[environment], 1, false, ended, observations.AsSpan(0, 36), environment);
                    if (ended)
                        agent.Begin(observations.AsSpan(0, 36), environment);
                }
            }
        }
    }

    [Test]
    public void What_contradicts_or_would_be_ignored_is_refused()
    {
        Assert.Multiple(() =>
        {
            Refuses(s_three with { BatchSize = 2 }, "multiple of BatchSize, got 1 × 3 = 3 and 2");
            Refuses(s_three with { Epsilon = new EpsilonSchedule { Ladder = 7 } }, "Expected several Environments beside");
            Refuses(s_three with { Network = new QNetworkOptions { Threads = 3 } }, "PqnOptions.Network not to be set");
            Refuses(s_three with { RolloutSteps = 65_536, Environments = 1024, BatchSize = 65_536 }, "GiB");
            Assert.That(
                () => PqnAgent.Create(
                    Numbers(4), s_three with { Architecture = new() { Distribution = new QuantileDistribution(8) } }, 1),
                Throws.ArgumentException.With.Message.Contains("SingleValue").And.Message.Contains("DqnAgent"));
            using var plain = new QNetwork(new MlpActionValue(4, 2, 8), new Pcg64(1));
            Assert.That(
                () => new PqnAgent(plain, Numbers(4), new PqnOptions(), 1),
                Throws.ArgumentException.With.Message.Contains("PqnOptions.Architecture.LayerNorm")
                    .And.Message.Contains("PqnAgent.Create"));
            Assert.That(
                () => new PqnAgent(plain, Numbers(5), s_three, 1), Throws.ArgumentException.With.Message.Contains("16 bytes"));
        });

        static void Refuses(PqnOptions options, string message)
        {
            // Frames large enough that some rollouts would not fit into any machine.
            EnvironmentSpec spec = s_states with { ObservationShape = [1_000_000] };
            Assert.That(
                () => new PqnAgent(new TabularNetwork(1, 2, 1_000_000, 0), spec, options, 1),
                Throws.ArgumentException.With.Message.Contains(message));
        }
    }

    [Test]
    public void Impossible_steps_are_refused_and_nothing_has_changed()
    {
        using var agent = new PqnAgent(States(), s_states, s_three, seed: 1);
        Assert.Multiple(() =>
        {
            Assert.That(() => agent.RecordAndLearn(0, 0, false, false, [1]), Throws.InvalidOperationException);
            Assert.That(() => agent.Begin([0, 1]), Throws.ArgumentException);
            Assert.That(() => agent.Begin([0], 1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => agent.Act([0, 1], new int[1]), Throws.ArgumentException.With.Message.Contains("1 × 1 bytes"));
            Assert.That(() => agent.Act([0], new int[2]), Throws.ArgumentException.With.Message.Contains("1 actions"));
            Assert.That(() => agent.Act([0], new int[1], [true, true]), Throws.ArgumentException);
            Assert.That(() => agent.ActGreedy([0, 1]), Throws.ArgumentException.With.Message.Contains("1 bytes"));
        });
        agent.Begin([0]);
        Assert.Multiple(() =>
        {
            Assert.That(() => agent.RecordAndLearn(2, 0, false, false, [1]), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => agent.RecordAndLearn(0, 0, false, false, [1], 1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => agent.RecordAndLearn(0, double.NaN, false, false, [1]), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
        Assert.That((agent.Steps, agent.IsUpdateDue), Is.EqualTo((0, false)));
        Assert.That(agent.ActGreedy([1]), Is.Zero);
    }

    [Test]
    public void A_training_that_diverges_ends_with_step_and_cause()
    {
        PqnOptions options = s_three with
        {
            Network = new QNetworkOptions { Threads = 1, Optimizer = new RAdamOptions { LearningRate = 1e18 } },
        };
        using PqnAgent agent = PqnAgent.Create(Numbers(9), options, seed: 1);
        agent.Begin(Floats(9, 1));
        TrainingDivergedException exception = Assert.Throws<TrainingDivergedException>(() =>
        {
            for (int i = 0; i < 100; i++)
                agent.RecordAndLearn(i % 2, 1, false, false, Floats(9, i % 3));
        })!;
        Assert.That(exception.Step, Is.EqualTo(agent.Steps).And.InRange(3, 30));
        Assert.That(
            () => agent.Begin(Floats(9, float.NaN)), Throws.ArgumentException.With.Message.Contains("finite numbers"));
    }

    private static EnvironmentSpec Numbers(int features) => new()
    {
        Name = "Numbers",
        ObservationShape = [features],
        ElementType = ElementType.Single,
        ActionCount = 2,
    };

    private static byte[] Floats(int count, float value) =>
        MemoryMarshal.AsBytes<float>([.. Enumerable.Repeat(value, count)]).ToArray();

    // States 1, 2 and 3 are worth at most 4, 8 and 12.
    private static TabularNetwork States()
    {
        var network = new TabularNetwork(256, 2, 1, 0) { RecordsBatches = true };
        float[] values = [0, 0, 4, -1, 8, 2, 3, 12];
        values.CopyTo(network.Table, 0);
        return network;
    }

    private static LearnResult? Step(PqnAgent agent, byte state, int action, double reward, byte next)
    {
        agent.Act([state], new int[1]);
        return agent.RecordAndLearn(action, reward, terminated: false, truncated: false, [next]);
    }

    private static IEnumerable<(int State, int Action, float Target)> Targets(TabularNetwork network) =>
        network.LastTargets.Select((target, i) => ((int)network.Last.Observations[i], network.Last.Actions[i], target)).Order();
}
