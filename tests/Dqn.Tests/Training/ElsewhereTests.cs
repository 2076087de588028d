using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Replay;
using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>A run whose steps come from elsewhere.</summary>
[TestFixture]
public sealed class ElsewhereTests
{
    [Test]
    public void It_evaluates_saves_and_goes_on_as_any_run()
    {
        using var folder = new TemporaryFolder();
        using (var elsewhere = new Elsewhere(folder["run"]))
        {
            elsewhere.Run.AddTable(() => new RunTable("Machines", ["name"], [["first"], ["second"]]));
            Assert.That(elsewhere.Run.MakeTables().Single().Rows, Has.Length.EqualTo(2));
            Assert.That(elsewhere.Run.Environments, Is.Empty);
            Assert.That(elsewhere.Run.Spec.Name, Is.EqualTo("CartPole-v1"));
            elsewhere.Loop.Last = 25; // then it waits, until it is told to end
            using var stop = new CancellationTokenSource();
            elsewhere.Loop.OnWait = stop.Cancel;
            elsewhere.Run.Run(stop.Token);
            Assert.That(elsewhere.Run.Steps, Is.EqualTo(25));
        }

        using var resumed = new Elsewhere(folder["run"]);
        Assert.That(resumed.Run.Resume());
        Assert.That((resumed.Run.Steps, resumed.Learner.Steps, resumed.Run.Episodes), Is.EqualTo((25L, 25L, 5L)));
        resumed.Run.Run();
        Assert.That(resumed.Run.Steps, Is.EqualTo(40));
        Assert.That(resumed.Run.Best.Step, Is.EqualTo(20).Or.EqualTo(40));
        Assert.That(resumed.Run.Learner, Is.SameAs(resumed.Learner));
    }

    [Test]
    public void A_loop_that_fails_ends_the_run_without_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        using var elsewhere = new Elsewhere(folder["run"]);
        elsewhere.Loop.Last = 25;
        elsewhere.Loop.OnWait = () => throw new OperationCanceledException("at once");
        Assert.That(() => elsewhere.Run.Run(), Throws.InstanceOf<OperationCanceledException>().With.Message.EqualTo("at once"));
        Assert.That(elsewhere.Run.Resume, Throws.InvalidOperationException, "it has started");
        Assert.That(Directory.Exists(folder["run/checkpoints"]) && Directory.EnumerateFiles(folder["run/checkpoints"]).Any(), Is.False);
    }

    private sealed class Elsewhere : IDisposable
    {
        private readonly CartPoleEnvironment _task = new();

        public Elsewhere(string folder)
        {
            var options = new DqnOptions { WarmupSteps = 10, BatchSize = 4, UpdatePeriod = 2 };
            var replay = new ReplayBuffer(100, _task.Spec.FrameBytes, 1);
            replay.Begin(new byte[16]);
            for (int i = 0; i < 50; i++)
                replay.Add(i % 2, i, false, false, new byte[16]);
            Learner = new DqnLearner(DqnAgent.CreateNetwork(_task.Spec, options, 1), replay, _task.Spec, options, 1);
            Loop = new Numbers(Learner);
            var run = new TrainingRunOptions { Folder = folder, TotalSteps = 40, EvaluationInterval = 20, CheckpointInterval = 1_000 };
            Run = new TrainingRun(run, Learner, Loop, new Evaluator(_task, new EvaluationOptions { Episodes = 1 }));
        }

        public DqnLearner Learner { get; }

        public Numbers Loop { get; }

        public TrainingRun Run { get; }

        public void Dispose()
        {
            Run.Dispose();
            Learner.Dispose();
            _task.Dispose();
        }
    }

    private sealed class Numbers(DqnLearner learner) : ITrainingLoop
    {
        public long Last { get; set; } = long.MaxValue;

        public Action OnWait { get; set; } = () => { };

        public long Steps => learner.Steps;

        public long Episodes { get; private set; }

        public TrainingStep Step(CancellationToken cancellationToken)
        {
            if (Steps == Last)
            {
                OnWait();
                cancellationToken.ThrowIfCancellationRequested();
            }

            learner.CountStep();
            EpisodeSummary? episode = Steps % 5 == 0 ? new EpisodeSummary(5, 5, true, false, 5) : null;
            Episodes += episode is null ? 0 : 1;
            return new TrainingStep(Steps, 0, 1, episode is not null, false, learner.LearnIfDue(), episode, 0);
        }

        public JsonObject DescribeEnvironments() => new() { ["kind"] = "elsewhere" };

        public void SaveState(BinaryWriter writer) => writer.Write(Episodes);

        public void LoadState(BinaryReader reader) => Episodes = reader.ReadInt64();
    }
}
