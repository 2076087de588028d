using System.Runtime.CompilerServices;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Training;

namespace Dqn.Tests;

/// <summary>The README's recipes are this code, so they compile; and they run.</summary>
public class ReadmeTests
{
    [TestCase("numbers", 0)]
    [TestCase("pixels", 1)]
    [TestCase("racing", 2)]
    public void A_recipe_is_the_code_below(string name, int block)
    {
        var code = File.ReadLines(SourcePath()).SkipWhile(line => line.Trim() != $"// <{name}>").Skip(1)
            .TakeWhile(line => line.Trim() != $"// </{name}>").Select(line => line.Length > 8 ? line[8..] : "");
        string expected = string.Join('\n', code).Trim().Replace("steps: steps", name == "numbers" ? "steps: 50_000" : "steps: 200_000", StringComparison.Ordinal)
            .Replace("(file)", "(\"cartpole.safetensors\")", StringComparison.Ordinal);
        string readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(SourcePath())!, "..", "..", "README.md"));
        string shown = readme.ReplaceLineEndings("\n").Split("```csharp\n")[block + 1].Split("```")[0];
        shown = string.Join('\n', shown.Split('\n').SkipWhile(line => line.Length == 0 || line.StartsWith("using Dqn", StringComparison.Ordinal))).Trim();
        Assert.That(shown, Is.EqualTo(expected));
    }

    [Test]
    public void The_environment_in_the_packages_readme_is_a_sound_one()
    {
        string folder = Path.GetDirectoryName(SourcePath())!;
        string code = File.ReadAllText(Path.Combine(folder, "Battery.cs")).ReplaceLineEndings("\n").Split("namespace Dqn.Tests;\n")[1];
        string readme = File.ReadAllText(Path.Combine(folder, "..", "..", "src", "Dqn", "README.md"));
        Assert.That(readme.ReplaceLineEndings("\n"), Does.Contain(code.Trim()));
        EnvironmentConformance.Check(() => new Battery());
    }

    [Test]
    public void The_recipes_run()
    {
        string folder = Directory.CreateTempSubdirectory("dqn-readme-").FullName;
        try
        {
            string file = Path.Combine(folder, "policy.safetensors");
            Assert.That(Numbers(file, steps: 300), Does.Contain("epsilon").And.Contain("mean return"));
            Assert.That(File.Exists(file));
            Assert.That(Pixels(steps: 120), Does.Contain("step       120 of 120"));
            Assert.That(Racing(), Does.StartWith("return 9"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Numbers(string file, long steps) => Printed(() =>
    {
        // <numbers>
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
        using (DqnAgent agent = Trainer.Train(environment, steps: steps))
        using (var learnt = new GreedyPolicy(agent.EvaluationNetwork, environment))
            learnt.Save(file);

        using var policy = GreedyPolicy.Load(file); // for any number of threads
        var evaluator = new Evaluator(environment, new EvaluationOptions { Episodes = 20 });
        Console.WriteLine($"mean return {evaluator.Evaluate(policy.Act).Mean:0.0}");
        // </numbers>
    });

    private static string Pixels(long steps) => Printed(() =>
    {
        // <pixels>
        using IEnvironment game = new MyGame().WithPixels(height: 42, width: 42, grey: true, stack: 4);
        using DqnAgent player = Trainer.Train(game, steps: steps);
        // </pixels>
    });

    private static string Racing() => Printed(() =>
    {
        // <racing>
        using var driver = CarRacingDriver.Load();
        using FrameStack track = driver.CreateEnvironment();
        var observation = new byte[track.Spec.ObservationBytes];
        track.Reset(seed: 20_000);
        for (StepResult result = default; !result.Ended; result = track.Step(driver.Act(observation)))
            track.Observe(observation);
        Console.WriteLine($"return {track.Find<EpisodeStatistics>()!.Return:0.00}");
        // </racing>
    });

    private static string Printed(Action action)
    {
        TextWriter before = Console.Out;
        using var writer = new StringWriter();
        Console.SetOut(writer);
        try
        {
            action();
        }
        finally
        {
            Console.SetOut(before);
        }

        return writer.ToString();
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;

    /// <summary>Pictures in colour.</summary>
    private sealed class MyGame : Environments.CountingEnvironment
    {
        public MyGame()
            : base(framesPerEpisode: 40, shape: [64, 48, 3])
        {
        }
    }
}
