using System.Text.RegularExpressions;
using Dqn.Training;

namespace Dqn.Tests.Training;

public partial class TrainingDisplayTests
{
    [Test]
    public void The_panel_is_there_at_once_and_no_line_is_wider_than_the_terminal()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        var writer = new StringWriter();
        var display = new TrainingDisplay(run.Run, "A title", writer, () => 60);
        string first = "";
        display.Run(onEvent: happened => first = happened.Step.Number == 1 ? writer.ToString() : first);
        display.WriteLine("done");

        string[] lines = [.. Escapes().Replace(writer.ToString(), "").Split('\n').Select(line => line.TrimEnd('\r'))];
        Assert.Multiple(() =>
        {
            Assert.That(first, Does.Contain("A title").And.Contain("0 of 400").And.Contain("warming up"));
            Assert.That(lines.Select(line => line.Length), Has.All.LessThan(60));
            Assert.That(lines[^3], Does.StartWith("evaluation  mean"));
            Assert.That(lines[^2], Is.EqualTo("done"), "below the last panel");
            Assert.That(string.Join('\n', lines), Does.Contain("400 of 400"));
        });
    }

    [Test]
    public void Without_a_terminal_evaluations_and_the_end_are_lines_of_at_most_80_columns()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        var writer = new StringWriter();
        new TrainingDisplay(run.Run, "A title", writer, width: null).Run();
        string[] lines = writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Multiple(() =>
        {
            Assert.That(lines.Count(line => line.Contains("evaluation after step")), Is.EqualTo(6));
            Assert.That(lines[^1], Does.Contain("400/400").And.Contain("left 0:00:00"));
            Assert.That(lines.Select(line => line.Length), Has.All.LessThanOrEqualTo(80));
            Assert.That(writer.ToString(), Does.Not.Contain('\e'));
        });
    }

    [Test]
    public void An_evaluation_in_progress_is_shown_until_it_is_over()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        var writer = new StringWriter();
        var display = new TrainingDisplay(run.Run, "A title", writer, () => 80);
        display.Report(new EvaluationProgress(120, 300));
        Assert.That(writer.ToString(), Does.Contain("evaluating 120/300"));
        writer.GetStringBuilder().Clear();
        display.Run(onEvent: _ => Assert.That(display.Status.Evaluating, Is.Null));
        Assert.That(writer.ToString(), Does.Contain("mean").And.Contain("400 of 400"));
    }

    [Test]
    public void A_terminal_that_is_gone_does_not_end_the_training()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        var display = new TrainingDisplay(run.Run, "A title", new StreamWriter(new FullStream()), () => 80);
        display.Run();
        display.WriteLine("done");
        Assert.That(run.Run.Steps, Is.EqualTo(400));
    }

    [Test]
    public void The_status_knows_what_is_left_once_it_learns()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels");
        var status = new TrainingStatus(run.Run);
        Assert.That((status.WarmingUp, status.Epsilon, status.TimeLeft), Is.EqualTo((true, 1.0, (TimeSpan?)null)));
        foreach (TrainingEvent happened in run.Run.RunLazily())
        {
            status.Add(happened);
            if (happened.Step.Number == 50)
                Assert.That(status.TimeLeft, Is.Null, "still warming up");
        }

        Assert.Multiple(() =>
        {
            Assert.That(status.WarmingUp, Is.False);
            Assert.That(status.StepsPerSecond, Is.Positive);
            Assert.That(status.TimeLeft, Is.EqualTo(TimeSpan.Zero));
            Assert.That(status.LastReturns, Has.Count.EqualTo(5));
            Assert.That(status.LastEvaluationStep, Is.EqualTo(400));
            Assert.That(status.Loss, Is.Positive);
        });
    }

    [GeneratedRegex("\e\\[[0-9]*[A-Za-z]")]
    private static partial Regex Escapes();

    private sealed class FullStream : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left on device");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }
}
