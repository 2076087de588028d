using Dqn.Training;

namespace Dqn.Tests.Training;

public class RunFoldersTests
{
    [Test]
    public void Numbers_follow_each_other()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["runs/car-002"]);
        string[] made = [.. Enumerable.Range(0, 3).Select(_ => Path.GetFileName(RunFolders.Create(folder["runs"], "car")))];
        Assert.That(made, Is.EqualTo(["car-001", "car-003", "car-004"]));
        Assert.That(
            Directory.EnumerateDirectories(folder["runs"]).Select(Path.GetFileName),
            Is.EquivalentTo(["car-001", "car-002", "car-003", "car-004"]), "nothing else is left");
    }

    [Test]
    public void Runs_started_together_get_a_folder_each()
    {
        using var folder = new TemporaryFolder();
        var made = new string[16];
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(thread => new Thread(() =>
        {
            for (int i = 0; i < 2; i++)
                made[(2 * thread) + i] = RunFolders.Create(folder["runs"], "car");
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.That(made, Is.Unique);
        Assert.That(made, Is.All.Matches<string>(Directory.Exists));
    }

    [Test]
    public void A_run_can_train_in_a_folder_made_for_it()
    {
        using var folder = new TemporaryFolder();
        string made = RunFolders.Create(folder["runs"], "car");
        using var run = new SmallRun(made, "cartpole");
        Assert.That(run.Run.RunLazily().Take(3).Count(), Is.EqualTo(3));
    }

    [Test]
    public void The_latest_is_the_one_saved_last_of_those_that_have_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        Assert.That(RunFolders.Latest(folder["runs"]), Is.Null);
        Save("old", DateTime.UtcNow.AddHours(-2));
        Save("young", DateTime.UtcNow.AddHours(-1));
        Directory.CreateDirectory(folder["runs/without/checkpoints"]);
        Directory.CreateDirectory(folder["runs/empty"]);
        Assert.That(Path.GetFileName(RunFolders.Latest(folder["runs"])), Is.EqualTo("young"));

        void Save(string name, DateTime when)
        {
            string checkpoints = folder[$"runs/{name}/checkpoints"];
            Directory.CreateDirectory(checkpoints);
            File.WriteAllText(Path.Combine(checkpoints, "manifest.json"), "{}");
            Directory.SetLastWriteTimeUtc(checkpoints, when);
        }
    }
}
