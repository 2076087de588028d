using Dqn.Training;

namespace Dqn.Tests.Training;

public class ResumeTests
{
    // 0–60 warm-up, 45 and 90 target syncs, 70 an evaluation, 40 and 80 checkpoints; episodes end at various steps.
    private static readonly int[][] s_interruptions =
    [
        [1], [37], [40], [60], [61], [90], [91], [140], [255], [399], [20, 41, 100, 101, 300],
    ];

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (string task in new[] { "cartpole", "pixels" })
            foreach (int[] steps in s_interruptions)
                foreach (bool killed in new[] { false, true })
                    yield return Case(task, steps, killed);
        foreach (string task in new[] { "cartpole-3", "pixels-3", "cartpole-mlp-3", "rainbow-3", "game-3" })
        {
            // 60, 90 and 399 lie between two steps made together, the others within them.
            yield return Case(task, [1, 37, 60, 62, 90, 91, 256, 399], killed: false);
            yield return Case(task, [61, 140, 255], killed: true);
        }

        yield return Case("game", [37, 90, 255], killed: false);
        yield return Case("game", [37, 90, 255], killed: true);
        yield return Case("cartpole-mlp", [90, 91, 255], killed: false);
        yield return Case("cartpole-mlp", [90, 91, 255], killed: true);
        yield return Case("carracing", [67, 91], killed: false);
        yield return Case("carracing", [67, 91], killed: true);

        static TestCaseData Case(string task, int[] steps, bool killed) =>
            new TestCaseData(task, steps, killed).SetArgDisplayNames(
                task, string.Join('-', steps), killed ? "killed" : "cancelled");
    }

    private static readonly Dictionary<string, string> s_uninterrupted = [];

    [TestCaseSource(nameof(Cases))]
    public void A_resumed_run_equals_an_uninterrupted_one_bit_for_bit(string task, int[] interruptions, bool killed)
    {
        using var folder = new TemporaryFolder();
        foreach (int step in interruptions)
            Train(folder["run"], task, step, killed);
        Train(folder["run"], task, stopAt: null, killed);
        Assert.That(SmallRun.Remains(folder["run"]), Is.EqualTo(Uninterrupted(task)));
    }

    [Test]
    public void An_environment_that_cannot_save_starts_a_new_episode_and_resumes_the_same_way_each_time()
    {
        string[] remains = new string[2];
        for (int i = 0; i < remains.Length; i++)
        {
            using var folder = new TemporaryFolder();
            Train(folder["run"], "pixels-unsaved", 97, killed: false);
            using (var run = new SmallRun(folder["run"], "pixels-unsaved"))
            {
                Assert.That(run.Run.Resume(), Is.True);
                long transitions = run.Agent.Replay.Count;
                TrainingEvent first = run.Run.RunLazily().First();
                Assert.That(first.Step.Number, Is.EqualTo(98));
                Assert.That(run.Agent.Replay.Count, Is.EqualTo(transitions + 1), "the cut episode's transitions stay");
                var chase = (PixelChase)((Dqn.Environments.EnvironmentWrapper)((Dqn.Environments.EnvironmentWrapper)
                    ((Dqn.Environments.EnvironmentWrapper)run.Environment).Inner).Inner).Inner;
                Assert.That(chase.Seeds, Has.Count.EqualTo(1));
                Assert.That(chase.Seeds[0], Is.Not.Null.And.Not.EqualTo(3ul), "not the first episode's again");
            }

            Train(folder["run"], "pixels-unsaved", stopAt: null, killed: false);
            remains[i] = SmallRun.Remains(folder["run"]);
        }

        Assert.That(remains[1], Is.EqualTo(remains[0]));
    }

    [Test]
    public void The_same_seeds_give_the_same_run_and_other_seeds_another()
    {
        string[] remains = new string[2];
        for (int i = 0; i < remains.Length; i++)
        {
            using var folder = new TemporaryFolder();
            using (var run = new SmallRun(folder["run"], "pixels", options => options with { Seed = 3 + (ulong)i }))
                run.Run.RunLazily().Count();
            remains[i] = SmallRun.Remains(folder["run"]);
        }

        Assert.That(remains[0], Is.EqualTo(Uninterrupted("pixels")));
        Assert.That(remains[1], Is.Not.EqualTo(remains[0]));
    }

    [Test]
    public void An_interrupted_evaluation_is_made_up_for()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
        using (var cancellation = new CancellationTokenSource())
        {
            foreach (TrainingEvent happened in run.Run.RunLazily(cancellation.Token))
            {
                Assert.That(happened.Evaluation, Is.Null);
                if (happened.Step.Number == 69)
                    cancellation.Cancel(); // during step 70, so that its evaluation is cancelled at once
            }

            Assert.That(run.Run.Steps, Is.EqualTo(70));
        }

        using (var run = new SmallRun(folder["run"], "cartpole"))
        {
            run.Run.Resume();
            TrainingEvent first = run.Run.RunLazily().First();
            Assert.That(first.Step.Number, Is.Zero);
            Assert.That(first.Evaluation, Is.Not.Null);
        }

        Train(folder["run"], "cartpole", stopAt: null, killed: false);
        Assert.That(SmallRun.Remains(folder["run"]), Is.EqualTo(Uninterrupted("cartpole")));
    }

    [Test]
    public void A_run_that_cannot_go_on_leaves_the_history_as_it_is()
    {
        using var folder = new TemporaryFolder();
        Train(folder["run"], "cartpole", 255, killed: false);
        string history = File.ReadAllText(folder["run/history.csv"]);
        using (var other = new SmallRun(folder["run"], "cartpole", options => options with { Seed = 99 }))
            Assert.That(other.Run.Resume, Throws.InvalidOperationException.With.Message.Contains("other options"));
        using (var fresh = new SmallRun(folder["run"], "cartpole"))
            Assert.That(() => fresh.Run.Run(), Throws.InvalidOperationException.With.Message.Contains("resume it"));
        Assert.That(File.ReadAllText(folder["run/history.csv"]), Is.EqualTo(history));
    }

    private static string Uninterrupted(string task)
    {
        if (!s_uninterrupted.TryGetValue(task, out string? remains))
        {
            using var folder = new TemporaryFolder();
            using (var run = new SmallRun(folder["run"], task))
                Assert.That(run.Run.RunLazily().Count(), Is.EqualTo(SmallRun.TotalSteps(task)));
            s_uninterrupted[task] = remains = SmallRun.Remains(folder["run"]);
        }

        return remains;
    }

    /// <summary>
    /// Starts or resumes, until a step if one is given: killed there without a checkpoint, or cancelled.
    /// </summary>
    private static void Train(string folder, string task, int? stopAt, bool killed)
    {
        using var run = new SmallRun(folder, task);
        run.Run.Resume();
        using var cancellation = new CancellationTokenSource();
        bool isCheckpoint = false;
        if (!killed && run.Run.Steps >= stopAt - 1)
            cancellation.Cancel();
        foreach (TrainingEvent happened in run.Run.RunLazily(cancellation.Token))
        {
            isCheckpoint = happened.CheckpointSaved;
            if (happened.Step.Number >= stopAt && killed)
                return;
            if (run.Run.Steps >= stopAt - 1)
                cancellation.Cancel();
        }

        Assert.That(isCheckpoint, Is.True, "the last step of a run that ends is saved");
        Assert.That(run.Run.Steps, Is.EqualTo(stopAt ?? SmallRun.TotalSteps(task)));
    }
}
