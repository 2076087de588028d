using System.Net;
using System.Text.Json;
using Dqn.Tests.Media;
using Dqn.Training;
using Dqn.Watching;

namespace Dqn.Tests.Dashboards;

/// <summary>A run that is over, opened from its folder.</summary>
[TestFixture]
public sealed class FinishedRunTests
{
    [Test]
    public async Task It_shows_what_the_folder_has()
    {
        using var folder = new TemporaryFolder();
        using (WatchedTraining training = new WatchedTraining(folder["runs/one"], 800, watched: false).Begin())
            await training.EndAsync();
        File.WriteAllText(folder["runs/one/evaluation.csv"], "seed,return,agent_steps,terminated,frames,lap_finished\n7,1.5,30,1,30,0\n8,-2,31,0,31,0\n");
        using Dashboard dashboard = Dashboard.Open(folder["runs/one"]);
        using var page = new Page(dashboard.Url);

        Assert.That((await page.JsonAsync("/run")).GetProperty("environment").GetString(), Is.EqualTo("Chase"));
        JsonElement status = await page.StateAsync("over");
        Assert.That(status.GetProperty("step").GetInt64(), Is.EqualTo(800));
        JsonElement points = await page.EventAsync("points");
        Assert.That(points.GetProperty("evaluation/mean").GetArrayLength(), Is.EqualTo(2));
        JsonElement episodes = (await page.EventAsync("tracks")).GetProperty("episodes");
        Assert.That(episodes[1].ToString(), Is.EqualTo("[8,-2,31,false]"));
        Assert.That((await page.EventAsync("log")).ToString(), Does.Contain("Training started").And.Contain("Evaluation after step 400"));
        Assert.That((int)(await page.JsonAsync("/options")).GetProperty("settings").GetProperty("agent").GetProperty("batchSize").GetInt32(), Is.EqualTo(8));
        Assert.That(await page.OrderAsync("pause"), Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Runs_beside_it_are_offered_for_comparison()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "one", "two" })
        {
            using WatchedTraining training = new WatchedTraining(folder[$"runs/{name}"], 400, watched: false).Begin();
            await training.EndAsync();
        }

        Directory.CreateDirectory(folder["runs/empty"]);
        using Dashboard dashboard = Dashboard.Open(folder["runs/one"]);
        using var page = new Page(dashboard.Url);
        Assert.That((await page.JsonAsync("/runs")).ToString(), Is.EqualTo("[\"two\"]"));
        Assert.That((await page.JsonAsync("/curves?run=two")).GetProperty("train/epsilon").GetArrayLength(), Is.EqualTo(20));
        foreach (string name in new[] { "one", "empty", "..%2Fruns%2Ftwo", "" })
        {
            using HttpResponseMessage answer = await page.AskAsync($"/curves?run={name}");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), name);
        }
    }

    [Test]
    public void What_is_no_run_is_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Dashboard.Open(folder["nowhere"]), Throws.InstanceOf<IOException>().With.Message.Contains("history.csv"));
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run/history.csv"], "step,train/loss\n1,a\n");
        Assert.That(() => Dashboard.Open(folder["run"]), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("got 'a'"));
    }

    [Test]
    public async Task A_run_that_another_process_trains_says_so()
    {
        using var folder = new TemporaryFolder();
        using WatchedTraining training = new WatchedTraining(folder["run"], 400).Begin();
        await training.EndAsync();
        using Dashboard dashboard = Dashboard.Open(folder["run"]); // The run is not disposed yet and holds its folder.
        using var page = new Page(dashboard.Url);
        Assert.That((await page.StateAsync("elsewhere")).GetProperty("step").GetInt64(), Is.EqualTo(400));
    }

    [Test]
    public void The_pace_follows_from_the_times()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run/history.csv"], "step,train/loss,train/seconds\n10,0.5,2\n20,0.5,\n30,,6\n40,,6\n60,0.5,16\n");
        WatchedRun run = FinishedRun.Read(folder["run"], new DashboardOptions());
        Assert.That(run.Series.Last(CurveNames.Speed), Is.EqualTo(2));
        Assert.That(run.Series.Last("train/seconds"), Is.NaN);
        Assert.That(
            TrainingPace.Of([(10, 2), (30, 6), (40, 6), (60, 16)]), Is.EqualTo([(10.0, 5.0), (30.0, 5.0), (60.0, 2.0)]));
    }

    [Test]
    public async Task Damaged_options_and_evaluations_are_left_out()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run/history.csv"], "step,train/loss\n10,0.5\n20,\n");
        File.WriteAllText(folder["run/options.json"], "{");
        File.WriteAllText(folder["run/evaluation.csv"], "seed,return,agent_steps,terminated\nx,1,1,1\n");
        using Dashboard dashboard = Dashboard.Open(folder["run"]);
        using var page = new Page(dashboard.Url);
        JsonElement status = await page.StateAsync("over");
        Assert.That(status.GetProperty("loss").GetDouble(), Is.EqualTo(0.5));
        Assert.That((await page.JsonAsync("/options")).ToString(), Is.EqualTo("{}"));
    }
}
