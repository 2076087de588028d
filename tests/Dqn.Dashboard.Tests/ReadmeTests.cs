using System.Runtime.CompilerServices;
using Dqn.Tests.Media;
using Dqn.Training;

namespace Dqn.Tests.Dashboards;

/// <summary>The package's README: its examples compile and run.</summary>
[TestFixture]
public sealed class ReadmeTests
{
    [Test]
    public void The_examples_are_the_code_below()
    {
        string code = File.ReadAllText(ThisFile()).ReplaceLineEndings("\n");
        string readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "src", "Dqn.Dashboard", "README.md"));
        string[] shown = [.. readme.ReplaceLineEndings("\n").Split("```csharp\n").Skip(1).Select(part => part.Split("```")[0])
            .SelectMany(part => part.Split('\n')).Select(line => line.Split(" //")[0].Trim()).Where(line => line.Length > 0)];
        Assert.That(shown, Has.Length.EqualTo(5));
        foreach (string line in shown)
            Assert.That(code, Does.Contain(line.Replace("\"runs/carracing-001\"", "folder", StringComparison.Ordinal)));
    }

    [Test]
    public void They_run()
    {
        using var folder = new TemporaryFolder();
        using (var training = new WatchedTraining(folder["run"], 100, watched: false))
            Watch(training.Run);
        Open(folder["run"]);
    }

    private static void Watch(TrainingRun run)
    {
        using var dashboard = Dashboard.Start(run);
        Console.WriteLine(dashboard.Url);
        run.Run();
        Assert.That(run.Steps, Is.EqualTo(100));
    }

    private static void Open(string folder)
    {
        using var dashboard = Dashboard.Open(folder);
        Assert.That(dashboard.Url.Host, Is.EqualTo("127.0.0.1"));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
