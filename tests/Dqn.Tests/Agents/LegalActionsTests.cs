using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Tests.Environments;
using Dqn.Tests.Training;
using Dqn.Training;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dqn.Tests.Agents;

/// <summary>From acting to the target, an agent knows no illegal action.</summary>
public sealed class LegalActionsTests
{
    private static readonly EnvironmentSpec s_spec = new()
    {
        Name = "Three states",
        ObservationShape = [1],
        ElementType = ElementType.Byte,
        Layout = ObservationLayout.Features,
        ActionCount = 3,
        HasIllegalActions = true,
    };

    private static readonly DqnOptions s_options = new()
    {
        BatchSize = 1,
        WarmupSteps = 0,
        BufferCapacity = 50,
        Discount = 0.5,
        TargetUpdatePeriod = 1_000,
        Epsilon = new EpsilonSchedule(0, 0, 1),
    };

    [Test]
    public void Greedy_actions_are_legal()
    {
        using DqnAgent agent = Agent(s_options, 1, 5, 3);
        Assert.Multiple(() =>
        {
            Assert.That(agent.ActGreedy([0], [true, true, true]), Is.EqualTo(1));
            Assert.That(agent.ActGreedy([0], [true, false, true]), Is.EqualTo(2));
            Assert.That(agent.Act([0], [true, false, false]), Is.Zero);
        });
    }

    [Test]
    public void Random_actions_are_legal_and_each_as_often([Values] bool kept)
    {
        using DqnAgent agent = Agent(
            s_options with
            {
                Epsilon = new EpsilonSchedule(1, 1, 1),
                ExplorationDuration = kept ? new ExplorationDuration(1.5, 20) : null,
            }, 0, 0, 0);
        agent.Begin([0], 0, [true, true, true]);
        var random = new Pcg64(1);
        int[] counts = new int[3], offered = new int[3];
        for (int i = 0; i < 20_000; i++)
        {
            bool[] legal = [true, random.Integer(2) == 1, random.Integer(2) == 1];
            int action = agent.Act([0], legal);
            Assert.That(legal[action]);
            counts[action]++;
            for (int other = 0; other < 3; other++)
                offered[other] += legal[other] ? 1 : 0;
        }

        if (!kept) // 1 of 1, 2, 2 or 3: the first action is always offered, the others half of the time.
            Assert.That(counts[1] / 20_000.0, Is.EqualTo((1 / 2.0 + 1 / 3.0) / 4).Within(0.01));
        Assert.That(counts, Is.All.GreaterThan(1_000));
    }

    [Test]
    public void The_target_counts_legal_actions_alone([Values] bool doubleDqn, [Values] bool cached)
    {
        using DqnAgent agent = Agent(s_options with { DoubleDqn = doubleDqn, CacheTargetValues = cached }, 1, 8, 2);
        agent.Begin([0], 0, [true, true, true]);
        agent.RecordAndLearn(0, 10, false, false, [0], 0, [true, false, true]);
        Assert.That(((TabularNetwork)agent.Network).LastTargets, Is.EqualTo(new[] { 10 + 0.5f * 2 }));
    }

    [Test]
    public void The_target_of_an_ended_task_is_its_reward([Values] bool munchausen)
    {
        using DqnAgent agent = Agent(
            s_options with { Munchausen = munchausen ? new MunchausenOptions { Scale = 0 } : null }, 1, 8, 2);
        agent.Begin([0], 0, [true, true, true]);
        agent.RecordAndLearn(0, 10, true, false, [0], 0, [false, false, false]);
        Assert.That(((TabularNetwork)agent.Network).LastTargets, Is.EqualTo(new[] { 10f }));
    }

    [Test]
    public void A_mask_that_is_missing_or_not_expected_is_named()
    {
        using DqnAgent masked = Agent(s_options, 0, 0, 0);
        using DqnAgent plain = new(
            new TabularNetwork(1, 3, 1, 0), s_spec with { HasIllegalActions = false }, s_options, seed: 1);
        Assert.Multiple(() =>
        {
            Assert.That(() => masked.Begin([0]), Throws.ArgumentException.With.Message.Contains("IEnvironment.LegalActions"));
            Assert.That(() => masked.Act([0]), Throws.ArgumentException.With.Message.Contains("which of 3 actions"));
            Assert.That(
                () => plain.Act([0], [true, true, true]),
                Throws.ArgumentException.With.Message.Contains("EnvironmentSpec.HasIllegalActions"));
            Assert.That(
                () => masked.Act([0], [false, false, false]),
                Throws.ArgumentException.With.Message.Contains("at least one legal action"));
        });
        masked.Begin([0], 0, [true, true, true]);
        Assert.That(() => masked.Record(0, 0, false, false, [0]), Throws.ArgumentException);
        masked.Record(0, 0, false, false, [0], 0, [false, true, true]);
        Assert.That(
            () => masked.Record(0, 0, false, false, [0], 0, [true, true, true]),
            Throws.ArgumentException.With.Message.Contains("legal when it was taken"));
        Assert.That(masked.Steps, Is.EqualTo(1), "a refused step does not count");
    }

    [Test]
    public void A_game_is_learnt_without_an_illegal_move()
    {
        using var game = new TakeAway();
        using DqnAgent agent = Trainer.Train(game, 4_000, seed: 1, logger: NullLogger.Instance);
        using var policy = new GreedyPolicy(agent.EvaluationNetwork, game);
        using var memory = new TemporaryFolder();
        string path = Path.Combine(memory.Path, "game.safetensors");
        policy.Save(path);
        using GreedyPolicy loaded = GreedyPolicy.Load(path);
        Assert.That(loaded.Spec.HasIllegalActions);

        // 200 games each: by one environment, by several side by side, by the file; some moves at random.
        var options = new EvaluationOptions { Episodes = 200, Epsilon = 0.1 };
        using var several = new VectorEnvironment(3, _ => new TakeAway());
        EvaluationResult one = new Evaluator(game, options).Evaluate(agent.EvaluationNetwork);
        Assert.That(new Evaluator(several, options).Evaluate(agent.EvaluationNetwork).Episodes, Is.EqualTo(one.Episodes));
        Assert.That(new Evaluator(game, options).Evaluate(loaded.Act).Episodes, Is.EqualTo(one.Episodes));
        Assert.That(one.Mean, Is.GreaterThan(0.3), "a random player's mean is 0 or so");
        Assert.That(() => loaded.Act(new byte[8]), Throws.ArgumentException);
    }

    [Test]
    public void An_agent_learns_from_a_replay_of_ones_own()
    {
        var buffer = new ReplayBuffer(50, 1, 1, maskedActions: 3);
        var network = new TabularNetwork(1, 3, 1, 0);
        using var agent = new DqnAgent(network, s_spec, s_options, seed: 1, buffer);
        agent.Begin([0], 0, [true, true, true]);
        agent.RecordAndLearn(0, 1, false, false, [0], 0, [true, true, true]);
        Assert.That(agent.Replay, Is.SameAs(buffer));
        Assert.That((buffer.Count, network.Fits), Is.EqualTo((1L, 1)));
        Assert.Multiple(() =>
        {
            Refuses(new ReplayBuffer(50, 1, 1), "a replay of 3 masked actions, got 0");
            Refuses(new ReplayBuffer(50, 2, 1, maskedActions: 3), "1 bytes per observation, got 2");
            Refuses(new ReplayBuffer(50, 1, 1, 2, maskedActions: 3), "1 lanes, one for each environment, got 2");
            Refuses(new PrioritizedReplayBuffer(50, 1, 1, maskedActions: 3), "beside a PrioritizedReplayBuffer, got none");
        });

        static void Refuses(IReplay replay, string message) => Assert.That(
            () => new DqnAgent(new TabularNetwork(1, 3, 1, 0), s_spec, s_options, seed: 1, replay),
            Throws.ArgumentException.With.Message.Contains(message));
    }

    private static DqnAgent Agent(DqnOptions options, params float[] values)
    {
        var network = new TabularNetwork(1, 3, 1, 0);
        values.CopyTo(network.Table, 0);
        var agent = new DqnAgent(network, s_spec, options, seed: 1);
        agent.SynchronizeTarget();
        return agent;
    }
}
