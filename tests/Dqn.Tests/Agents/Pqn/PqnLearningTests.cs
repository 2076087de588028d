using Dqn.Agents;
using Dqn.Environments;
using Dqn.Tests.Training;
using Dqn.Training;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dqn.Tests.Agents.Pqn;

public sealed class PqnLearningTests
{
    private const int Steps = 50_000;

    // Each of the seeds 1 … 10 ends with a mean of 500 over 100 episodes, without choosing the best weights.
    private static readonly PqnOptions s_cartPole = new()
    {
        Environments = 16,
        RolloutSteps = 32,
        Epochs = 4,
        BatchSize = 64,
        Lambda = 0.95,
        RewardScale = 0.1,
        Epsilon = new EpsilonSchedule(1, 0.05, Steps / 5),
        LearningRate = new LearningRateSchedule(5e-4, 1e-5, Steps),
        EvaluationAverage = 0.99,
        Network = new PqnOptions().Network with { Threads = 1 },
    };

    [TestCase(1ul)]
    [TestCase(8ul)]
    public void CartPole_is_learnt(ulong seed)
    {
        using var environments = new VectorEnvironment(
            s_cartPole.Environments, _ => new CartPoleEnvironment().WithTimeLimit(500), threads: 1);
        using PqnAgent agent = PqnAgent.Create(environments.Spec, s_cartPole, seed);
        agent.Train(environments, Steps, seed, logger: NullLogger.Instance);
        using IEnvironment unseen = new CartPoleEnvironment().WithTimeLimit(500);
        EvaluationResult result = new Evaluator(
            unseen, new EvaluationOptions { FirstSeed = 1_000_000, Episodes = 20 }).Evaluate(agent.EvaluationNetwork);
        TestContext.Out.WriteLine($"seed {seed}: {result.Mean}");
        Assert.That(result.Mean, Is.GreaterThanOrEqualTo(475));
        Assert.That(agent.Updates, Is.EqualTo(Steps / 512 * 4 * 8));
    }

    [Test]
    public void The_agent_ends_with_the_weights_of_the_best_evaluation([Values(0, 0.9)] double average)
    {
        PqnOptions options = s_cartPole with { Environments = 2, RolloutSteps = 5, BatchSize = 10, EvaluationAverage = average };
        using var environments = new VectorEnvironment(2, _ => new CartPoleEnvironment(), threads: 1);
        using PqnAgent agent = PqnAgent.Create(environments.Spec, options, seed: 1);
        using IEnvironment unseen = new CartPoleEnvironment().WithTimeLimit(500);
        var values = new List<float[]>();
        var log = new EvaluationLog(_ => values.Add(Values()));
        agent.Train(
            environments, 400, evaluator: new Evaluator(unseen, new EvaluationOptions { Episodes = 3 }), logger: log);
        Assert.That(values, Has.Count.EqualTo(20));
        Assert.That(Values(), Is.EqualTo(values[log.Means.IndexOf(log.Means.Max())]));

        float[] Values()
        {
            var both = new float[2];
            agent.EvaluationNetwork.Evaluate(new byte[16], both);
            return both;
        }
    }

    [Test]
    public void An_evaluator_on_an_environment_that_is_trained_in_is_refused()
    {
        using var environments = new VectorEnvironment(16, _ => new CartPoleEnvironment(), threads: 1);
        using PqnAgent agent = PqnAgent.Create(environments.Spec, s_cartPole, seed: 1);
        Assert.That(
            () => agent.Train(environments, 10, evaluator: new Evaluator(environments.Environments[3])),
            Throws.ArgumentException.With.Message.Contains("an environment of its own"));
    }
}
