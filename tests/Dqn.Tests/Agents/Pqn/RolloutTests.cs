using Dqn.Agents;
using Dqn.Environments;
using Dqn.Tests.Environments;
using Dqn.Tests.Training;
using Dqn.Training;

namespace Dqn.Tests.Agents.Pqn;

/// <summary>
/// What a rollout learns from is what the environments showed: observations rebuilt from single frames, and targets, all
/// compared with those computed from whole observations by the definition.
/// </summary>
public sealed class RolloutTests
{
    private const int N = 3, T = 7;

    private static readonly PqnOptions s_options = new()
    {
        Environments = N,
        RolloutSteps = T,
        BatchSize = N * T,
        Epochs = 1,
        Discount = 0.9,
        Lambda = 0.7,
        RewardScale = 0.5,
        Epsilon = new EpsilonSchedule(0.5, 0.5, 1),
        Architecture = new(),
    };

    [Test]
    public void Observations_and_targets_are_those_of_the_environments([Values(3, 8, 1000)] int limit)
    {
        int learnt = 0, terminated = 0, truncated = 0;
        var network = new TabularNetwork(256, 3, 2 * 6 * 3, 0) { RecordsBatches = true };
        var random = new Random(1);
        foreach (ref float value in network.Table.AsSpan())
            value = random.NextSingle();
        using var environments = new VectorEnvironment(
            N, _ => new PixelChase(true).WithTimeLimit(limit).WithFrameStack(3), threads: 1);
        RecordedAgent agent = null!;
        agent = new RecordedAgent(new PqnAgent(network, environments.Spec, s_options, seed: 1))
        {
            Learnt = _ =>
            {
                learnt++;
                terminated += agent.Steps.Sum(steps => steps.Count(step => step.Terminated));
                truncated += agent.Steps.Sum(steps => steps.Count(step => step.Truncated));
                Assert.That(agent.Steps.Select(steps => steps.Count), Is.All.EqualTo(T));
                Check(agent, network, masked: false);
            },
        };
        new TrainingLoop(agent, environments, seed: 1).Run(N * T * 40);
        Assert.That(learnt, Is.EqualTo(40));
        Assert.That(terminated, Is.GreaterThan(10));
        Assert.That(truncated, limit == 1000 ? Is.Zero : Is.GreaterThan(10));
    }

    [Test]
    public void Targets_know_no_illegal_action()
    {
        int learnt = 0;
        var network = new TabularNetwork(256, 4, 8, 0) { RecordsBatches = true };
        var random = new Random(1);
        foreach (ref float value in network.Table.AsSpan())
            value = random.NextSingle();
        using var environments = new VectorEnvironment(N, _ => new TakeAway().WithTimeLimit(4), threads: 1);
        RecordedAgent agent = null!;
        agent = new RecordedAgent(new PqnAgent(network, environments.Spec, s_options, seed: 1))
        {
            Learnt = _ =>
            {
                learnt++;
                Check(agent, network, masked: true);
            },
        };
        new TrainingLoop(agent, environments, seed: 1).Run(N * T * 20); // an illegal action throws in there
        Assert.That(learnt, Is.EqualTo(20));
    }

    [Test]
    public void Acting_has_valued_all_but_what_rollouts_and_episodes_end_with()
    {
        using var environments = new VectorEnvironment(
            N, _ => new PixelChase(true).WithTimeLimit(5).WithFrameStack(3), threads: 1);
        var inner = new PqnAgent(new TabularNetwork(256, 3, 2 * 6 * 3, 0), environments.Spec, s_options, seed: 1);
        long evaluated = 0, needed = 0;
        RecordedAgent agent = null!;
        agent = new RecordedAgent(inner)
        {
            Learnt = _ =>
            {
                needed += agent.Steps.Sum(steps => steps.Count(step => step.Truncated && !step.Terminated));
                needed += agent.Steps.Count(steps => steps[^1] is { Terminated: false, Truncated: false });
                evaluated = inner.Learner.Evaluated;
                Assert.That(evaluated, Is.EqualTo(needed));
            },
        };
        new TrainingLoop(agent, environments, seed: 1).Run(N * T * 10);
        Assert.That(evaluated, Is.InRange(40, 70));
    }

    /// <summary>
    /// The network's table does not change, so values are the same whenever they are computed; the tabular network takes the
    /// last byte of an observation for the state.
    /// </summary>
    private static void Check(RecordedAgent agent, TabularNetwork network, bool masked)
    {
        var expected = new List<string>();
        foreach (List<RecordedStep> steps in agent.Steps)
        {
            double[] targets = NaiveLambdaReturns.Compute(
                [.. steps.Select(step => step.Reward * s_options.RewardScale)],
                [.. steps.Select(step => step.Terminated ? 0 : s_options.Discount)],
                [.. steps.Select(Value)], [.. steps.Select(step => step.Terminated || step.Truncated)], s_options.Lambda);
            expected.AddRange(steps.Select((step, t) => Line(step.Observation, step.Action, targets[t])));
        }

        (byte[] observations, int[] actions, _) = network.Last;
        int bytes = network.ObservationBytes;
        IEnumerable<string> actual = actions.Select(
            (action, i) => Line(observations[(i * bytes)..((i + 1) * bytes)], action, network.LastTargets[i]));
        Assert.That(actual, Is.EquivalentTo(expected));

        double Value(RecordedStep step)
        {
            if (step.Terminated)
                return 0;
            ReadOnlySpan<float> values = network.Table.AsSpan(step.NextObservation[^1] * network.ActionCount, network.ActionCount);
            float best = float.NegativeInfinity;
            for (int action = 0; action < values.Length; action++)
                if ((!masked || step.NextLegalActions[action]) && values[action] > best)
                    best = values[action];
            return best;
        }

        static string Line(byte[] observation, int action, double target) =>
            $"{Convert.ToHexString(observation)} {action} {target:0.0000}";
    }
}
