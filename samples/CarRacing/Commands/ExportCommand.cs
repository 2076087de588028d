using System.CommandLine;
using Dqn.Serialization;

namespace Dqn.Samples.CarRacing;

/// <summary>Writes a model's weights in another format: .pt for PyTorch, or .safetensors.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var model = new Option<FileInfo>("--model", "-m") { Description = "The weights: .safetensors or .pt.", Required = true };
        var output = new Option<FileInfo>("--out", "-o") { Description = "The same for PyTorch (.pt), which takes no metadata, or as .safetensors.", Required = true };
        var command = new Command("export", "Write a model's weights as a .pt that PyTorch loads, or as .safetensors.") { model, output };
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(output).FullName;
            StateDict weights = StateDictFile.Read(result.GetRequiredValue(model).FullName, out IReadOnlyDictionary<string, string> metadata);
            bool keepsMetadata = path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
            StateDictFile.Write(path, weights, keepsMetadata ? metadata : null);
            Console.WriteLine($"{path}: {weights.Count} tensors");
        });
        return command;
    }
}
