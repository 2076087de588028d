using System.Runtime.CompilerServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Onnx;
using Dqn.Tests.Media;
using Dqn.Training;
using Microsoft.ML.OnnxRuntime;

namespace Dqn.Tests.Onnx;

/// <summary>The package's README: its examples compile and run; its figures are the code's.</summary>
public class ReadmeTests
{
    [TestCase("write", 0)]
    [TestCase("run", 1)]
    public void An_example_is_the_code_below(string name, int block)
    {
        IEnumerable<string> code = File.ReadLines(ThisFile()).SkipWhile(line => line.Trim() != $"// <{name}>").Skip(1)
            .TakeWhile(line => line.Trim() != $"// </{name}>")
            .Select(line => line[8..].Replace("folder[\"cartpole.onnx\"]", "\"cartpole.onnx\"", StringComparison.Ordinal)
                .Replace("steps: steps", "steps: 50_000", StringComparison.Ordinal));
        IEnumerable<string> shown = Readme().Split("```csharp\n")[block + 1].Split("```")[0].Split('\n')
            .SkipWhile(line => line.Length == 0 || (line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('=')));
        Assert.That(string.Join('\n', shown).Trim(), Is.EqualTo(string.Join('\n', code)));
    }

    [Test]
    public void The_examples_run()
    {
        using var folder = new TemporaryFolder();
        TextWriter before = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            Write(folder, steps: 200);
        }
        finally
        {
            Console.SetOut(before);
        }

        Assert.That(Run(folder), Is.InRange(0, 1));
    }

    [Test]
    public void The_layer_is_the_one_that_is_tested()
    {
        string shown = Readme().Split("```csharp\n")[3].Split("```")[0];
        string tested = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "Swish.cs")).ReplaceLineEndings("\n");
        string method = shown[shown.IndexOf("    public string AddTo", StringComparison.Ordinal)..shown.IndexOf("\n    // …", StringComparison.Ordinal)];
        Assert.That(tested, Does.Contain(method.Trim()));
    }

    [Test]
    public void The_names_and_opsets_are_the_packages()
    {
        string readme = Readme();
        foreach (string name in new[] { OnnxNames.Observation, OnnxNames.LegalActions, OnnxNames.ActionValues, OnnxNames.Action, OnnxNames.Distribution })
            Assert.That(readme, Does.Contain($"| `{name}` |"));
        Assert.That(readme, Does.Contain($"is {OnnxOptions.OldestOpset} … {OnnxOptions.NewestOpset}, by default {new OnnxOptions().Opset} "));
    }

    private static void Write(TemporaryFolder folder, long steps)
    {
        // <write>
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
        using DqnAgent agent = Trainer.Train(environment, steps: steps);
        using var policy = new GreedyPolicy(agent.EvaluationNetwork, environment);
        OnnxFile.Write(folder["cartpole.onnx"], policy, new OnnxOptions { Action = true });
        // </write>
    }

    private static long Run(TemporaryFolder folder)
    {
        // <run>
        using var session = new InferenceSession(folder["cartpole.onnx"]);
        using var options = new RunOptions();
        using var observation = OrtValue.CreateTensorValueFromMemory(new[] { 0f, 0f, 0.05f, 0f }, [1, 4]);
        using var outputs = session.Run(options, ["observation"], [observation], ["action"]);
        long action = outputs[0].GetTensorDataAsSpan<long>()[0];
        // </run>
        return action;
    }

    private static string Readme() => File.ReadAllText(
        Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "src", "Dqn.Onnx", "README.md")).ReplaceLineEndings("\n");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
