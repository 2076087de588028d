using System.Runtime.CompilerServices;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Serialization;
using Dqn.Training;

namespace Dqn.Tests;

/// <summary>The README's example is this code, so it compiles; and it runs.</summary>
public class ReadmeTests
{
    [Test]
    public void The_example_is_the_code_below()
    {
        string readme = File.ReadAllText(Path("..", "..", "README.md"));
        var code = File.ReadLines(Path()).SkipWhile(line => line.Trim() != "// <example>").Skip(1).TakeWhile(line => line.Trim() != "// </example>");
        string expected = string.Join('\n', code.Select(line => line.Length > 8 ? line[8..] : "")).Trim();
        string block = readme.ReplaceLineEndings("\n").Split("```csharp\n")[1].Split("```")[0];
        string shown = string.Join('\n', block.Split('\n').SkipWhile(line => line.Length == 0 || line.StartsWith("using Dqn", StringComparison.Ordinal))).Trim();

        expected = expected.Replace("== steps", "== 1_000_000", StringComparison.Ordinal)
            .Replace("Write(model,", "Write(\"dqn-CarRacing.pt\",", StringComparison.Ordinal);
        Assert.That(shown, Is.EqualTo(expected));
    }

    [Test]
    public void The_example_runs_and_leaves_weights()
    {
        string folder = Directory.CreateTempSubdirectory("dqn-readme-").FullName;
        try
        {
            string model = System.IO.Path.Combine(folder, "model.pt");
            Example(model, steps: 300);
            Assert.That(StateDictFile.Read(model)["fc2.weight"].Shape, Is.EqualTo(new long[] { 5, 512 }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Example(string model, long steps)
    {
        // <example>
        using FrameStack environment = new PixelPipeline().Create();
        using FrameStack unseen = new PixelPipeline().Create();
        using DqnAgent agent = DqnAgent.Create(environment.Spec, new DqnOptions(), seed: 1);
        var evaluator = new Evaluator(unseen, new EvaluationOptions { Episodes = 5 });

        foreach (TrainingStep step in new TrainingLoop(agent, environment, seed: 1).RunLazily())
        {
            if (step.Episode is { } episode)
                Console.WriteLine($"step {step.Number}: return {episode.Return:0.0}, epsilon {agent.Epsilon:0.000}");
            if (step.Number % 10_000 == 0)
                Console.WriteLine($"evaluation: {evaluator.Evaluate(agent.Network).Mean:0.0}");
            if (step.Number == steps)
                break;
        }

        StateDictFile.Write(model, agent.Network.GetStateDict());
        // </example>
    }

    private static string Path([CallerFilePath] string path = "") => path;

    private static string Path(string up, string upAgain, string name) =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path())!, up, upAgain, name));
}
