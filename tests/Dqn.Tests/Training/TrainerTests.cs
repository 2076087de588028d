using Dqn.Agents;
using Dqn.Environments;
using Dqn.Tests.Environments;
using Dqn.Training;
using Dqn.Values;

namespace Dqn.Tests.Training;

public class TrainerTests
{
    /// <summary>Of 20 evaluations the one after <paramref name="best"/> twentieths is made the best.</summary>
    [Test]
    public void The_agent_ends_with_the_weights_of_the_best_evaluation(
        [Values("plain", "averaged", "cautious")] string kind, [Values(7, 20)] int best)
    {
        using IEnvironment environment = new CartPoleEnvironment();
        var usual = new DqnOptions { WarmupSteps = 10, BatchSize = 4, BufferCapacity = 100 };
        DqnOptions options = kind switch
        {
            "averaged" => usual with { EvaluationAverage = 0.9 },
            "cautious" => usual with { EvaluationRisk = 0.5, Architecture = new() { Distribution = new QuantileDistribution(8) } },
            _ => usual,
        };
        using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
        using var rated = new Rated(new CartPoleEnvironment(), best);
        byte[] observation = new byte[16];
        var values = new List<float[]>();
        var log = new EvaluationLog(_ => values.Add(Values()));

        agent.Train(environment, 200, evaluator: new Evaluator(rated, new EvaluationOptions { Episodes = 1 }), logger: log);

        Assert.That(log.Means, Has.Count.EqualTo(20));
        Assert.That(values.Select(pair => (pair[0], pair[1])).Distinct(), Has.Exactly(20).Items, "each evaluation is of other weights");
        Assert.That(Values(), Is.EqualTo(values[best - 1]));

        float[] Values()
        {
            var both = new float[2];
            agent.EvaluationNetwork.Evaluate(observation, both);
            return both;
        }
    }

    [Test]
    public void A_cancelled_training_keeps_the_best_so_far()
    {
        using IEnvironment environment = new CartPoleEnvironment();
        using var rated = new Rated(new CartPoleEnvironment(), best: 5);
        using var cancellation = new CancellationTokenSource();
        var log = new EvaluationLog(count =>
        {
            if (count == 7)
                cancellation.Cancel();
        });

        using DqnAgent agent = Trainer.Train(
            environment, 2_000, evaluator: new Evaluator(rated, new EvaluationOptions { Episodes = 1 }), logger: log,
            cancellationToken: cancellation.Token);

        Assert.That(agent.Steps, Is.EqualTo(700));
        Assert.That(log.Means, Has.Count.EqualTo(7));
    }

    [Test]
    public void An_evaluator_on_the_environment_that_is_trained_in_is_refused()
    {
        using var task = new CartPoleEnvironment();
        using IEnvironment trained = task.WithTimeLimit(500);
        var exception = Assert.Throws<ArgumentException>(
            () => Trainer.Train(trained, 10, evaluator: new Evaluator(task.WithTimeLimit(200))))!;
        Assert.That(exception.Message, Does.Contain("an environment of its own").And.Contain("Make a second environment"));
    }

    [Test]
    public void An_evaluator_with_other_observations_is_refused()
    {
        using IEnvironment trained = new CountingEnvironment(shape: [32, 32, 3]).WithPixels(30, 30);
        using IEnvironment bare = new CountingEnvironment(shape: [32, 32, 3]);
        var exception = Assert.Throws<ArgumentException>(
            () => Trainer.Train(trained, 10, evaluator: new Evaluator(bare)))!;
        Assert.That(exception.Message, Does.Contain("[4, 30, 30]").And.Contain("[32, 32, 3]").And.Contain("same wrappers"));
    }

    [Test]
    public void A_faulty_environment_stops_the_training_before_its_first_step()
    {
        using var environment = new Forgetful();
        var exception = Assert.Throws<EnvironmentConformanceException>(
            () => Trainer.Train(environment, 10, conformance: () => new Forgetful()))!;
        Assert.That(exception.Findings, Has.Some.Contains("SaveState"));
        Assert.That(environment.Resets, Is.Empty);
    }

    [Test]
    public void A_sound_environment_is_checked_and_trained_in()
    {
        int made = 0;
        using IEnvironment environment = CartPole();
        var log = new EvaluationLog();
        using DqnAgent agent = Trainer.Train(
            environment, 50, conformance: () => { made++; return CartPole(); }, logger: log);
        Assert.That(agent.Steps, Is.EqualTo(50));
        Assert.That(made, Is.GreaterThan(5));
    }

    [TestCase(1)]
    [TestCase(19)]
    [TestCase(5_000)]
    [TestCase(10_000_000)]
    public void Schedules_fit_the_run(long steps)
    {
        using var task = new CartPoleEnvironment();
        DqnOptions options = Trainer.OptionsFor(task.Spec, steps);
        Assert.That(options.WarmupSteps, Is.LessThanOrEqualTo(steps / 10));
        Assert.That(options.Epsilon.DecaySteps, Is.LessThanOrEqualTo(Math.Max(1, steps / 2)));
        Assert.That(options.BufferCapacity, Is.LessThanOrEqualTo(steps));
        Assert.That(DqnOptions.FromJson(options.ToJson()), Is.EqualTo(options));
    }

    private static TimeLimit CartPole() => new(new CartPoleEnvironment(), 500);

    /// <summary>Says that it saves its state, and loads another.</summary>
    private sealed class Forgetful : CountingEnvironment
    {
        public override void LoadState(BinaryReader reader)
        {
            base.LoadState(reader);
            Frame = 0;
        }
    }

    /// <summary>Episodes of a step, whose returns say which of them is the best.</summary>
    private sealed class Rated(IEnvironment inner, int best) : EnvironmentWrapper(inner)
    {
        private int _episode;

        public override bool KeepsObservations => true;

        public override void Reset(ulong? seed = null)
        {
            Inner.Reset(seed);
            _episode++;
        }

        public override StepResult Step(int action)
        {
            Inner.Step(action);
            return new StepResult(-Math.Abs(_episode - best), Terminated: true, Truncated: false);
        }
    }
}
