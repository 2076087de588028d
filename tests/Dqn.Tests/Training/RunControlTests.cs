using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>What other threads ask of a run, and who is told what it does.</summary>
public class RunControlTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Test]
    public void A_paused_run_stands_still_saves_where_it_stands_and_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels", options => options with { CheckpointInterval = 1_000 });
        RunControl control = run.Run.Control;
        run.Run.AddListener(new Listener(happened =>
        {
            if (happened.Step.Number == 100)
                control.Pause();
        }));
        var saved = new List<long>();
        Task training = Task.Run(() => run.Run.Run(onEvent: happened =>
        {
            if (happened.CheckpointSaved)
                saved.Add(run.Run.Steps);
        }));
        Assert.That(SpinWait.SpinUntil(() => control.IsPaused, s_patience), Is.True);
        TimeSpan trained = run.Run.TrainingTime;
        control.Save();
        Assert.That(SpinWait.SpinUntil(() => Directory.Exists(folder["run/checkpoints"]) && Directory.GetFileSystemEntries(folder["run/checkpoints"]).Length > 0, s_patience), Is.True);
        Assert.That(run.Run.Steps, Is.EqualTo(100));
        Assert.That(control.IsPauseRequested, Is.True);
        Assert.That(run.Run.TrainingTime, Is.LessThan(trained + s_patience));
        control.Continue();
        Assert.That(training.Wait(s_patience), Is.True);
        Assert.That(control.IsPaused, Is.False);
        Assert.That(saved, Is.EqualTo(new long[] { 100, 400 }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_stopped_or_cancelled_run_ends_with_a_checkpoint_even_while_it_is_paused(bool cancelled)
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "pixels"))
        {
            using var cancellation = new CancellationTokenSource();
            run.Run.Control.Pause();
            Task training = Task.Run(() => run.Run.Run(cancellation.Token));
            Assert.That(SpinWait.SpinUntil(() => run.Run.Control.IsPaused, s_patience), Is.True);
            if (cancelled)
                cancellation.Cancel();
            else
                run.Run.Control.Stop();
            Assert.That(training.Wait(s_patience), Is.True);
            Assert.That(run.Run.Control.IsStopRequested, Is.EqualTo(!cancelled));
        }

        using var second = new SmallRun(folder["run"], "pixels");
        Assert.That(second.Run.Resume(), Is.True);
    }

    [Test]
    public void A_run_that_was_paused_saved_and_stopped_equals_one_that_was_not()
    {
        using var folder = new TemporaryFolder();
        using (var whole = new SmallRun(folder["whole"], "pixels"))
            whole.Run.Run();
        using (var first = new SmallRun(folder["parts"], "pixels"))
        {
            first.Run.AddListener(new Listener(happened =>
            {
                if (happened.Step.Number == 90)
                    first.Run.Control.Save();
                if (happened.Step.Number == 150)
                    first.Run.Control.Stop();
            }));
            first.Run.Run();
            Assert.That(first.Run.Steps, Is.EqualTo(151), "the step in progress is made");
        }

        using (var second = new SmallRun(folder["parts"], "pixels"))
        {
            second.Run.Resume();
            second.Run.Run();
        }

        Assert.That(SmallRun.History(folder["parts"]), Is.EqualTo(SmallRun.History(folder["whole"])));
        foreach (string file in new[] { "latest.pt", "best.pt" })
            Assert.That(File.ReadAllBytes(folder[$"parts/{file}"]), Is.EqualTo(File.ReadAllBytes(folder[$"whole/{file}"])), file);
    }

    [Test]
    public void Listeners_are_told_of_steps_evaluations_and_the_end_before_others()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        var listener = new Listener(_ => { });
        run.Run.AddListener(listener);
        long told = 0;
        run.Run.Run(onEvent: _ => Assert.That(listener.Steps, Is.EqualTo(++told)));
        Assert.That(listener.Steps, Is.EqualTo(400));
        Assert.That(listener.Evaluations[0].Ended, Is.Zero);
        Assert.That(listener.Evaluations.Count(progress => progress.Ended == progress.Episodes), Is.EqualTo(6));
        Assert.That(listener.Ends, Is.EqualTo(1));
    }

    [Test]
    public void Listeners_are_told_of_the_end_where_it_fails_or_nobody_asks_any_more()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        var listener = new Listener(happened =>
        {
            if (happened.Step.Number == 20)
                throw new InvalidOperationException("enough");
        });
        run.Run.AddListener(listener);
        Assert.That(run.Run.RunLazily().Take(3).Count(), Is.EqualTo(3));
        Assert.That(listener.Ends, Is.EqualTo(1));
        Assert.That(() => run.Run.Run(), Throws.InvalidOperationException.With.Message.EqualTo("enough"));
        Assert.That(listener.Ends, Is.EqualTo(2));
    }

    private sealed class Listener(Action<TrainingEvent> stepped) : ITrainingListener
    {
        public long Steps { get; private set; }

        public List<EvaluationProgress> Evaluations { get; } = [];

        public int Ends { get; private set; }

        public void Stepped(in TrainingEvent happened)
        {
            Steps++;
            stepped(happened);
        }

        public void Evaluating(EvaluationProgress progress) => Evaluations.Add(progress);

        public void Ended() => Ends++;
    }
}
