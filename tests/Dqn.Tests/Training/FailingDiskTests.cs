using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>What a run does when files cannot be written, read or closed.</summary>
public class FailingDiskTests
{
    [Test]
    public void A_run_closes_everything_whatever_fails()
    {
        using var folder = new TemporaryFolder();
        var first = new BrokenSink("first");
        var second = new BrokenSink("second");
        var last = new BrokenSink(null);
        var run = new SmallRun(folder["run"], "cartpole");
        run.Run.AddSink(first);
        run.Run.AddSink(second);
        run.Run.AddSink(last);
        run.Run.RunLazily().Take(5).Count();

        AggregateException failures = Assert.Throws<AggregateException>(run.Run.Dispose);
        Assert.Multiple(() =>
        {
            Assert.That(failures.InnerExceptions.Select(failure => failure.Message), Is.EqualTo(new[] { "first", "second" }));
            Assert.That((first.Disposed, second.Disposed, last.Disposed), Is.EqualTo((1, 1, 1)));
            Assert.That(folder.FileNames("run"), Has.No.Member("run.lock"));
            Assert.That(folder.FileNames("run"), Has.Member("history.csv"), "though sinks after it failed");
            Assert.That(run.Run.Dispose, Throws.Nothing, "a second time");
            Assert.That((first.Disposed, last.Disposed), Is.EqualTo((1, 1)));
        });
        run.Dispose();

        using var next = new SmallRun(folder["run"], "cartpole");
        Assert.That(next.Run.RunLazily().Take(5).Count(), Is.EqualTo(5), "the folder is free");
    }

    [Test]
    public void One_failure_is_thrown_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var run = new SmallRun(folder["run"], "cartpole");
        run.Run.AddSink(new BrokenSink("only"));
        Assert.That(run.Run.Dispose, Throws.TypeOf<IOException>().With.Message.EqualTo("only"));
        run.Dispose();
        Assert.That(folder.FileNames("run"), Has.No.Member("run.lock"));
    }

    [Test]
    public void A_history_that_cannot_be_written_is_logged_and_ends_no_run()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["run/history.csv"]); // in its place, as good as held by another program
        var logger = new WarningLogger();
        using (var run = new SmallRun(folder["run"], "cartpole", logger: logger))
            run.Run.RunLazily().Take(130).Count();
        Assert.That(logger.Warnings, Has.All.Contain("history.csv").And.All.Contain("tried again"));
        Assert.That(logger.Warnings, Has.Count.GreaterThan(2));

        using (var run = new SmallRun(folder["run"], "cartpole", logger: logger))
        {
            Assert.That(run.Run.Resume(), Is.True);
            Directory.Delete(folder["run/history.csv"]);
            run.Run.RunLazily().Count();
        }

        using var other = new TemporaryFolder();
        using (var run = new SmallRun(other["run"], "cartpole"))
            run.Run.RunLazily().Count();
        Assert.That(SmallRun.Remains(folder["run"]), Is.EqualTo(SmallRun.Remains(other["run"])), "no row is missing");
    }

    [TestCase("{\"starts\": [")]
    [TestCase("[1, 2]")]
    [TestCase("{\"starts\": 3}")]
    [TestCase("{\"starts\": [], \"half a character\": \"\\ud800\"}")]
    [TestCase("{\"\\ud800\": 1, \"starts\": []}")]
    [TestCase("{\"starts\": [], \"starts\": []}")]
    [TestCase(null)] // a folder: opening it as a file is denied
    public void An_odd_record_of_options_is_kept_aside_and_ends_no_run(string? content)
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
            run.Run.RunLazily().Take(50).Count();
        File.WriteAllText(folder["run/options.json.bad"], "an earlier one");
        File.Delete(folder["run/options.json"]);
        if (content is null)
            Directory.CreateDirectory(folder["run/options.json"]);
        else
            File.WriteAllText(folder["run/options.json"], content);

        var logger = new WarningLogger();
        using (var run = new SmallRun(folder["run"], "cartpole", logger: logger))
        {
            Assert.That(run.Run.Resume(), Is.True);
            Assert.That(run.Run.RunLazily().Count(), Is.GreaterThan(300));
        }

        Assert.Multiple(() =>
        {
            Assert.That(logger.Warnings, Has.One.Contains("options.json.bad2"));
            Assert.That(File.ReadAllText(folder["run/options.json"]), Does.Contain("\"step\": 40"));
            Assert.That(File.ReadAllText(folder["run/options.json.bad"]), Is.EqualTo("an earlier one"));
            if (content is not null)
                Assert.That(File.ReadAllText(folder["run/options.json.bad2"]), Is.EqualTo(content));
        });
    }

    [Test]
    public void A_record_of_options_that_cannot_be_written_ends_no_run()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["run/options.json"]);
        var logger = new WarningLogger();
        using var run = new SmallRun(folder["run"], "cartpole", logger: logger);
        Assert.That(run.Run.RunLazily().Count(), Is.EqualTo(400));
        Assert.That(logger.Warnings, Has.One.Contains("options.json").And.One.Contains("that is a folder"));
    }

    private sealed class BrokenSink(string? failure) : IMetricSink
    {
        public int Disposed { get; private set; }

        public void Write(string name, long step, double value)
        {
        }

        public void Flush()
        {
        }

        public void Dispose()
        {
            Disposed++;
            if (failure is not null)
                throw new IOException(failure);
        }
    }
}
