using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dqn.Media;
using Dqn.Tests.Media;
using Dqn.Training;
using Dqn.Values;

namespace Dqn.Tests.Dashboards;

/// <summary>A run that is watched while it trains.</summary>
[TestFixture]
public sealed class LiveTests
{
    private static readonly TimeSpan s_slowly = TimeSpan.FromMilliseconds(1);

    [Test]
    public async Task A_page_is_told_what_happens_and_gets_pictures()
    {
        using var folder = new TemporaryFolder();
        using WatchedTraining training = new WatchedTraining(folder["run"], 1_000_000, task: new Chase { Delay = s_slowly }).Begin();
        using var page = new Page(training.Dashboard.Url);

        JsonElement run = await page.JsonAsync("/run");
        Assert.That(run.GetProperty("title").GetString(), Is.EqualTo("run"));
        Assert.That(run.GetProperty("environment").GetString(), Is.EqualTo("Chase"));
        Assert.That(run.GetProperty("frames").GetInt32(), Is.EqualTo(2));

        JsonElement status = await page.EventAsync("status", status => status.GetProperty("step").GetInt64() > 100);
        Assert.That(status.GetProperty("totalSteps").GetInt64(), Is.EqualTo(1_000_000));
        JsonElement points = await page.EventAsync("points", points => points.TryGetProperty("train/loss", out _));
        Assert.That(points.GetProperty("train/loss")[0].GetArrayLength(), Is.EqualTo(2));
        JsonElement tracks = await page.EventAsync("tracks");
        Assert.That(tracks.GetProperty("episodes").GetArrayLength(), Is.EqualTo(4));

        JsonElement moment = await page.EventAsync("moment");
        int action = moment.GetProperty("action").GetInt32(), best = moment.GetProperty("best").GetInt32();
        double[] values = [.. moment.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        Assert.That(action, Is.InRange(0, 2));
        Assert.That(values, Has.Length.EqualTo(3));
        Assert.That(values[best], Is.EqualTo(values.Max()));

        PngImage agent = PngImage.Read(new MemoryStream(await page.BytesAsync("/picture/agent")));
        Assert.That((agent.Width, agent.Height, agent.Format), Is.EqualTo((2 * Chase.Side, Chase.Side, PixelFormat.Grey)));
        Assert.That(agent.Pixels, Does.Contain((byte)255), "the dot");
        await page.EventAsync("picture", step => step.GetInt64() > 0);
        PngImage person = PngImage.Read(new MemoryStream(await page.BytesAsync("/picture/person")));
        Assert.That((person.Width, person.Height, person.Format), Is.EqualTo((Chase.Width, Chase.Height, PixelFormat.Rgb)));
        Assert.That(person[0, Chase.Height - 1].ToArray(), Is.EqualTo(new byte[] { 236, 240, 244 }).Or.EqualTo(new byte[] { 40, 110, 220 }));
    }

    [Test]
    public async Task Tables_of_the_run_come_and_change()
    {
        using var folder = new TemporaryFolder();
        using var training = new WatchedTraining(folder["run"], 1_000_000, task: new Chase { Delay = s_slowly });
        string value = "1";
        training.Run.AddTable(() => new RunTable("Machines", ["name", "steps/s"], [["first", value]]));
        training.Begin();
        using var page = new Page(training.Dashboard.Url);
        JsonElement table = (await page.EventAsync("tables"))[0];
        Assert.That(table.GetProperty("title").GetString(), Is.EqualTo("Machines"));
        Assert.That(table.GetProperty("columns")[1].GetString(), Is.EqualTo("steps/s"));
        value = "2";
        await page.EventAsync("tables", tables => tables[0].GetProperty("rows")[0][1].GetString() == "2");
    }

    [Test]
    public async Task The_next_moments_and_pictures_are_others()
    {
        using var folder = new TemporaryFolder();
        using WatchedTraining training = new WatchedTraining(folder["run"], 1_000_000, task: new Chase { Delay = s_slowly }).Begin();
        using var page = new Page(training.Dashboard.Url);
        long first = (await page.EventAsync("moment")).GetProperty("step").GetInt64();
        await page.EventAsync("moment", moment => moment.GetProperty("step").GetInt64() > first);
        long drawn = (await page.EventAsync("picture")).GetInt64();
        await page.EventAsync("picture", step => step.GetInt64() > drawn);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task The_distribution_of_returns_comes_where_the_network_gives_one(bool categorical)
    {
        using var folder = new TemporaryFolder();
        ValueDistribution distribution = categorical ? new CategoricalDistribution(-2, 2, 21) : new QuantileDistribution(16);
        using WatchedTraining training = new WatchedTraining(
            folder["run"], 1_000_000, task: new Chase { Delay = s_slowly }, distribution: distribution).Begin();
        using var page = new Page(training.Dashboard.Url);
        JsonElement shown = (await page.EventAsync("moment")).GetProperty("distribution");
        Assert.That(shown.GetProperty("min").GetDouble(), Is.LessThan(shown.GetProperty("max").GetDouble()));
        foreach (JsonElement shares in shown.GetProperty("shares").EnumerateArray())
            Assert.That(shares.EnumerateArray().Sum(share => share.GetDouble()), Is.EqualTo(1000).Within(24));
        Assert.That(shown.GetProperty("shares").GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public async Task Watching_changes_no_bit_of_what_is_learnt()
    {
        using var folder = new TemporaryFolder();
        using (WatchedTraining alone = new WatchedTraining(folder["alone"], 1_200, watched: false).Begin())
            await alone.EndAsync();
        using (var watched = new WatchedTraining(folder["watched"], 1_200, task: new Chase { Delay = s_slowly }))
        {
            using var page = new Page(watched.Dashboard.Url);
            await page.EventAsync("status");
            watched.Begin();
            await page.EventAsync("moment");
            await watched.EndAsync();
            Assert.That(watched.Task.Drawn, Is.GreaterThan(0));
        }

        Assert.That(History("watched"), Is.EqualTo(History("alone")));
        foreach (string file in new[] { "latest.safetensors", "best.safetensors" })
            Assert.That(File.ReadAllBytes(folder[$"watched/{file}"]), Is.EqualTo(File.ReadAllBytes(folder[$"alone/{file}"])), file);

        // Without the last column, the time.
        string[] History(string run) =>
            [.. File.ReadLines(folder[$"{run}/history.csv"]).Select(line => line[..line.LastIndexOf(',')])];
    }

    [Test]
    public async Task Nothing_is_drawn_while_nobody_watches()
    {
        using var folder = new TemporaryFolder();
        using WatchedTraining training = new WatchedTraining(folder["run"], 900).Begin();
        await training.EndAsync();
        using var page = new Page(training.Dashboard.Url);
        Assert.That(training.Task.Drawn, Is.Zero);
        using HttpResponseMessage none = await page.AskAsync("/picture/person");
        Assert.That(none.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        // The curves are there all the same.
        JsonElement points = await page.EventAsync("points");
        Assert.That(points.GetProperty("train/mean_return").GetArrayLength(), Is.GreaterThan(10));
        Assert.That(points.GetProperty("speed/time_left").GetArrayLength(), Is.GreaterThan(10));
        Assert.That(points.GetProperty("evaluation/mean").GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public async Task It_pauses_saves_goes_on_and_stops()
    {
        using var folder = new TemporaryFolder();
        using WatchedTraining training = new WatchedTraining(
            folder["run"], 1_000_000, change: options => options with { CheckpointInterval = 1_000_000 }).Begin();
        using var page = new Page(training.Dashboard.Url);
        await page.EventAsync("moment");

        Assert.That(await page.OrderAsync("pause"), Is.EqualTo(HttpStatusCode.NoContent));
        await page.StateAsync("paused");
        long stood = training.Run.Steps;
        await Task.Delay(50);
        Assert.That(training.Run.Steps, Is.EqualTo(stood));

        Assert.That(Directory.Exists(folder["run/checkpoints"]) && Directory.EnumerateFileSystemEntries(folder["run/checkpoints"]).Any(), Is.False);
        Assert.That(await page.OrderAsync("save"), Is.EqualTo(HttpStatusCode.NoContent));
        await page.EventAsync("log", lines => lines.EnumerateArray().Any(line => line[1].GetString()!.StartsWith("Checkpoint saved", StringComparison.Ordinal)));
        Assert.That(Directory.EnumerateFileSystemEntries(folder["run/checkpoints"]), Is.Not.Empty);
        Assert.That(training.Run.Steps, Is.EqualTo(stood), "it still stands");

        Assert.That(await page.OrderAsync("continue"), Is.EqualTo(HttpStatusCode.NoContent));
        await page.EventAsync("status", status => status.GetProperty("step").GetInt64() > stood);
        Assert.That(await page.OrderAsync("stop"), Is.EqualTo(HttpStatusCode.NoContent));
        await page.StateAsync("stopped");
        await training.EndAsync();
        Assert.That(await page.OrderAsync("pause"), Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task A_page_hears_how_it_ended_and_that_the_program_is_gone()
    {
        using var folder = new TemporaryFolder();
        WatchedTraining training = new WatchedTraining(folder["run"], 500);
        using var page = new Page(training.Dashboard.Url);
        await page.EventAsync("status");
        training.Begin();
        await training.EndAsync();
        await page.StateAsync("finished");
        training.Dispose();
        Assert.That(await page.RestAsync(), Does.Contain("event: closed\ndata: \"finished\""));
    }

    [Test]
    public async Task A_page_that_reads_nothing_holds_nothing_up()
    {
        using var folder = new TemporaryFolder();
        using var training = new WatchedTraining(folder["run"], 3_000);
        using var dead = new TcpClient();
        await dead.ConnectAsync("127.0.0.1", training.Dashboard.Url.Port);
        dead.ReceiveBufferSize = 1024;
        await dead.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{training.Dashboard.Url.Port}\r\n\r\n"));
        await training.Begin().EndAsync();
        Assert.That(training.Run.Steps, Is.EqualTo(3_000));
    }

    [Test]
    public async Task What_fails_in_it_never_ends_the_run()
    {
        using var folder = new TemporaryFolder();
        using var training = new WatchedTraining(folder["run"], 800, task: new Chase { Fails = true, Delay = s_slowly });
        using var page = new Page(training.Dashboard.Url);
        await page.EventAsync("status");
        training.Begin();
        await page.EventAsync("log", lines => lines.EnumerateArray().Any(line => line[1].GetString()!.Contains("the pen is dry", StringComparison.Ordinal)));
        await training.EndAsync();
        Assert.That(training.Run.Steps, Is.EqualTo(800));
        await page.StateAsync("finished");
    }

    [Test]
    public async Task A_run_without_an_end_is_watched_too()
    {
        using var folder = new TemporaryFolder();
        using WatchedTraining training = new WatchedTraining(folder["run"], long.MaxValue, task: new Chase { Delay = s_slowly }).Begin();
        using var page = new Page(training.Dashboard.Url);
        JsonElement status = await page.EventAsync("status", status => status.TryGetProperty("stepsPerSecond", out _) && status.GetProperty("step").GetInt64() > 400);
        Assert.That(status.TryGetProperty("timeLeft", out _), Is.False);
        long step = status.GetProperty("step").GetInt64();
        await page.EventAsync("moment", moment => moment.GetProperty("step").GetInt64() > step + 100);
    }

    [Test]
    public async Task A_resumed_run_has_its_history()
    {
        using var folder = new TemporaryFolder();
        using (WatchedTraining first = new WatchedTraining(folder["run"], 400, watched: false).Begin())
            await first.EndAsync();
        using var second = new WatchedTraining(folder["run"], 800);
        Assert.That(second.Run.Resume(), Is.True);
        await second.Begin().EndAsync();
        using var page = new Page(second.Dashboard.Url);
        JsonElement epsilon = (await page.EventAsync("points")).GetProperty("train/epsilon");
        Assert.That(epsilon.EnumerateArray().Select(point => point[0].GetInt64()), Is.EqualTo(Enumerable.Range(1, 40).Select(i => i * 20L)));
    }

    [Test]
    public void The_actions_have_as_many_names_as_there_are()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => new WatchedTraining(folder["run"], 10, options: new DashboardOptions { ActionNames = ["left", "right"] }),
            Throws.ArgumentException.With.Message.Contains("3 names"));
    }
}
