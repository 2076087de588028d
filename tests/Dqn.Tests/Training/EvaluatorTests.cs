using Dqn.Environments;
using Dqn.Training;

namespace Dqn.Tests.Training;

public class EvaluatorTests
{
    [Test]
    public void The_official_return_counts_what_the_agent_does_not_see()
    {
        // Two frames per action, three no-op frames first: the statistics stand under both.
        using IEnvironment official =
            new PixelChase(true).WithTimeLimit(13).WithStatistics().WithNoOpStart(3).WithFrameSkip(2);
        using IEnvironment seen = new PixelChase(true).WithTimeLimit(13).WithNoOpStart(3).WithFrameSkip(2);
        using IEnvironment bare = new PixelChase(true).WithTimeLimit(13);
        var options = new EvaluationOptions { FirstSeed = 40, Episodes = 6 };

        EvaluationResult result = new Evaluator(official, options).Evaluate((_, _) => 1);
        EvaluationResult rewards = new Evaluator(seen, options).Evaluate((_, _) => 1);

        int truncated = 0;
        for (int i = 0; i < 6; i++)
        {
            bare.Reset(40 + (ulong)i);
            double all = 0, afterStart = 0;
            int frames = 0;
            StepResult step;
            do
            {
                step = bare.Step(frames < 3 ? 0 : 1);
                all += step.Reward;
                afterStart += frames < 3 ? 0 : step.Reward;
                frames++;
                if (step.Ended && frames <= 3)
                {
                    // The no-ops went on in a new episode: the official return is that one's.
                    all = double.NaN;
                    break;
                }
            }
            while (!step.Ended);
            if (double.IsNaN(all))
                continue;

            EpisodeSummary episode = result.Episodes[i];
            Assert.That(episode.Return, Is.EqualTo(all).Within(1e-12), $"episode {i}");
            Assert.That(rewards.Episodes[i].Return, Is.EqualTo(afterStart).Within(1e-12), $"episode {i}");
            Assert.That(episode.Steps, Is.EqualTo((frames - 3 + 1) / 2));
            Assert.That((episode.Terminated, episode.Truncated), Is.EqualTo((step.Terminated, step.Truncated)));
            truncated += step.Truncated ? 1 : 0;
        }

        Assert.That(truncated, Is.InRange(1, 5));
    }

    [TestCase(0)]
    [TestCase(0.3)]
    public void The_same_network_gets_the_same_result_again(double epsilon)
    {
        using IEnvironment environment = SmallRun.Make("cartpole");
        using var network = new LinearQNetwork(16, 2, pixels: false, 8);
        var evaluator = new Evaluator(environment, new EvaluationOptions { Episodes = 5, Epsilon = epsilon });
        EvaluationResult first = evaluator.Evaluate(network), second = evaluator.Evaluate(network);
        Assert.That(second.Episodes, Is.EqualTo(first.Episodes));
        Assert.That(second.FirstSeed, Is.EqualTo(1_000_000));
    }

    [Test]
    public void Epsilon_takes_random_actions_now_and_then()
    {
        using IEnvironment environment = SmallRun.Make("cartpole");
        int asked = 0;
        var evaluator = new Evaluator(environment, new EvaluationOptions { Episodes = 50, Epsilon = 0.25 });
        EvaluationResult result = evaluator.Evaluate((_, _) =>
        {
            asked++;
            return asked & 1;
        });
        double share = asked / result.Episodes.Sum(episode => (double)episode.Steps);
        Assert.That(share, Is.EqualTo(0.75).Within(0.05));
    }

    [Test]
    public void Evaluating_leaves_the_agents_random_streams_alone()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "cartpole");
        run.Run.RunLazily().Take(100).Count();
        byte[] before = State(run);
        using IEnvironment environment = SmallRun.Make("cartpole");
        new Evaluator(environment, new EvaluationOptions { Epsilon = 0.5 }).Evaluate(run.Agent.Network);
        Assert.That(State(run), Is.EqualTo(before));

        static byte[] State(SmallRun run)
        {
            using var memory = new MemoryStream();
            run.Agent.SaveState(new BinaryWriter(memory));
            return memory.ToArray();
        }
    }

    [Test]
    public void A_network_for_another_task_is_refused()
    {
        using IEnvironment environment = SmallRun.Make("cartpole");
        using var network = new LinearQNetwork(20, 2, pixels: false, 8);
        Assert.That(() => new Evaluator(environment).Evaluate(network), Throws.ArgumentException
            .With.Message.Contains("16 bytes and 2 actions").And.Message.Contains("20 bytes and 2"));
    }

    [Test]
    public void An_episode_without_end_is_an_error_and_not_a_hang()
    {
        using IEnvironment environment = SmallRun.Make("cartpole"); // Of 30 steps at most.
        Assert.That(
            () => new Evaluator(environment, new EvaluationOptions { MaxSteps = 3 }).Evaluate((_, _) => 0),
            Throws.InvalidOperationException.With.Message.Contains("within 3 steps").And.Message.Contains("WithTimeLimit"));
        Assert.That(
            new Evaluator(environment, new EvaluationOptions { MaxSteps = 30 }).Evaluate((_, _) => 0).Episodes, Has.Length.EqualTo(5));
        Assert.That(() => new EvaluationOptions { MaxSteps = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Progress_is_told_after_each_episode()
    {
        using var environments = new VectorEnvironment([SmallRun.Make("cartpole"), SmallRun.Make("cartpole")]);
        var listener = new Listener();
        var evaluator = new Evaluator(environments, new EvaluationOptions { Episodes = 5 }) { Progress = listener };
        evaluator.Evaluate((_, _) => 0);
        Assert.That(listener.Heard, Is.EqualTo(Enumerable.Range(0, 6).Select(i => new EvaluationProgress(i, 5))));
        Assert.That(listener.Heard[3].ToString(), Is.EqualTo("evaluating 3/5"));
    }

    private sealed class Listener : IProgress<EvaluationProgress>
    {
        public List<EvaluationProgress> Heard { get; } = [];

        public void Report(EvaluationProgress value) => Heard.Add(value);
    }

    [Test]
    public void An_evaluation_can_be_cancelled()
    {
        using IEnvironment environment = SmallRun.Make("cartpole");
        using var cancellation = new CancellationTokenSource();
        var evaluator = new Evaluator(environment);
        Assert.That(
            () => evaluator.Evaluate(
                (_, _) =>
                {
                    cancellation.Cancel();
                    return 0;
                },
                cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }
}
