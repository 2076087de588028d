using System.CommandLine;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Onnx;
using Dqn.Serialization;

namespace Dqn.Samples.CarRacing;

/// <summary>Writes a model in another format: .pt for PyTorch, .safetensors, or .onnx for ONNX Runtime and others.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var model = new Option<FileInfo>("--model", "-m") { Description = "The weights: .safetensors or .pt.", Required = true };
        var output = new Option<FileInfo>("--out", "-o")
        {
            Description = "The same for PyTorch (.pt), which takes no metadata, as .safetensors, or as an .onnx that gives values and action.",
            Required = true,
        };
        var command = new Command("export", "Write a model as a .pt that PyTorch loads, as .safetensors, or as .onnx.") { model, output };
        command.SetAction(result =>
        {
            (string from, string path) = (result.GetRequiredValue(model).FullName, result.GetRequiredValue(output).FullName);
            string written = Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".onnx" => WriteOnnx(from, path),
                ".pt" or ".pth" or ".safetensors" => WriteWeights(from, path),
                _ => throw new ArgumentException($"--out: expected a file named .pt, .safetensors or .onnx, got '{path}'."),
            };
            Console.WriteLine($"{path}: {written}");
        });
        return command;
    }

    private static string WriteWeights(string model, string path)
    {
        StateDict weights = StateDictFile.Read(model, out IReadOnlyDictionary<string, string> metadata);
        StateDictFile.Write(path, weights, metadata);
        return $"{weights.Count} tensors";
    }

    private static string WriteOnnx(string model, string path)
    {
        using CarRacingDriver driver = ModelOptions.Load(model);
        using FrameStack environment = driver.CreateEnvironment();
        using var policy = new GreedyPolicy(driver.Network, environment);
        OnnxFile.Write(path, policy, new OnnxOptions { Action = true });
        return $"{OnnxNames.Observation} [batch, {string.Join(", ", policy.Spec.ObservationShape)}] bytes to " +
            $"{OnnxNames.ActionValues} [batch, {policy.Spec.ActionCount}] and {OnnxNames.Action} [batch]";
    }
}
