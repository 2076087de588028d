using Dqn.Media;
using Dqn.Training;

namespace Dqn.Tests.Training;

public class RunHistoryTests
{
    private const string Csv = """
        step,evaluation/mean,evaluation/std,train/mean_return
        100,,,-3.5
        200,10.25,2,-1
        300,20,,4
        """;

    [Test]
    public void Series_leave_out_what_was_not_measured()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["history.csv"], Csv);
        RunHistory history = RunHistory.Read(folder[""]);
        Assert.That(history.Series(RunHistory.EvaluationMeanColumn), Is.EqualTo([(200.0, 10.25), (300.0, 20.0)]));
        Assert.That(history.Series(RunHistory.TrainingMeanColumn).Count, Is.EqualTo(3));
        Assert.That(
            () => history.Series("loss"), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'loss'").And.Message.Contains("'step', 'evaluation/mean'"));
    }

    [Test]
    public void A_run_writes_what_is_read()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
            run.Run.Run();
        RunHistory history = RunHistory.Read(folder["run"]);
        Assert.That(history.Series(RunHistory.EvaluationMeanColumn), Is.Not.Empty);
        Assert.That(history.Series(RunHistory.EvaluationDeviationColumn), Is.Not.Empty);
        Assert.That(history.Series(RunHistory.TrainingMeanColumn), Is.Not.Empty);

        LinePlot curve = LearningCurve.Of(history, "cartpole", solved: 475);
        curve.Save(folder["curve.svg"]);
        Assert.That(File.ReadAllText(folder["curve.svg"]), Does.Contain("evaluation, mean").And.Contain("solved").And.Contain("cartpole"));
    }

    [Test]
    public void Time_goes_on_in_a_resumed_run_and_curves_are_drawn_over_it()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
        {
            Assert.That(run.Run.TrainingTime, Is.EqualTo(TimeSpan.Zero));
            run.Run.Run(onEvent: happened =>
            {
                if (happened.Step.Number == 150)
                    run.Run.Control.Stop();
            });
        }

        double[] before = Seconds();
        Assert.That(before, Is.Not.Empty);
        using (var run = new SmallRun(folder["run"], "cartpole"))
        {
            run.Run.Resume();
            Assert.That(run.Run.TrainingTime.TotalSeconds, Is.GreaterThan(0).And.AtLeast(before[^1] - 0.001));
            run.Run.Run();
        }

        double[] after = Seconds();
        Assert.That(after.Take(before.Length), Is.EqualTo(before), "what was written stays");
        Assert.That(after, Has.Length.GreaterThan(before.Length).And.Ordered);
        RunHistory history = RunHistory.Read(folder["run"]);
        LinePlot plot = LearningCurve.Of(history, "cartpole", over: LearningCurveAxis.Time);
        Assert.That(plot.XLabel, Is.EqualTo("minutes of training"));
        Assert.That(
            LearningCurve.OfSeveral([("run", history)], "cartpole", over: LearningCurveAxis.Time).Series[0].X[^1],
            Is.EqualTo(history.Series(RunHistory.SecondsColumn, RunHistory.EvaluationMeanColumn)[^1].Over / 60));

        double[] Seconds() => [.. RunHistory.Read(folder["run"]).Series(RunHistory.SecondsColumn).Select(row => row.Value)];
    }

    [Test]
    public void A_history_without_times_is_not_drawn_over_them()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["history.csv"], Csv);
        RunHistory history = RunHistory.Read(folder[""]);
        Assert.That(
            () => LearningCurve.OfSeveral([("old", history)], "runs", over: LearningCurveAxis.Time),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("old: expected a column 'train/seconds'"));
        Assert.That(
            () => LearningCurve.Of(history, "old", over: LearningCurveAxis.Time),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("'train/seconds'"));
    }

    [TestCase("", "begin with 'step'")]
    [TestCase("time,loss\n1,2", "got 'time,loss'")]
    [TestCase("step,loss\n1,2,3", "expected 2 columns")]
    [TestCase("step,loss\n1,high", "got 'high'")]
    public void What_is_no_history_is_refused(string text, string named)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["history.csv"], text);
        Assert.That(() => RunHistory.Read(folder["history.csv"]), Throws.TypeOf<InvalidDataException>().With.Message.Contains(named));
    }

    [Test]
    public void A_missing_history_and_a_run_without_evaluation_are_named()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => RunHistory.Read(folder["nowhere"]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("nowhere"));
        File.WriteAllText(folder["history.csv"], "step,evaluation/mean,evaluation/std,train/mean_return\n");
        RunHistory empty = RunHistory.Read(folder[""]);
        Assert.That(
            () => LearningCurve.OfSeveral([("first", empty)], "runs"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("first has no evaluation"));
    }
}
