using System.CommandLine;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Samples.CarRacing;

/// <summary>Trained weights, from a .pt of PyTorch's or a .safetensors file.</summary>
internal static class Model
{
    public static Option<FileInfo> Option() => new("--model", "-m")
    {
        Description = "Weights of CnnActionValue: a PyTorch .pt state dict or a .safetensors file.",
        Required = true,
    };

    /// <summary>Loads weights into the notebook's network for the given environment.</summary>
    public static QNetwork Load(FileInfo file, EnvironmentSpec spec, int threads = 0)
    {
        if (!file.Exists)
            throw new FileNotFoundException($"There is no model file {file.FullName}.");
        StateDict weights = StateDictFile.Read(file.FullName);
        var network = new QNetwork(
            new CnnActionValue(spec.StackedFrames, spec.ActionCount), new Pcg64(0), new QNetworkOptions { Threads = threads });
        network.LoadStateDict(weights);
        return network;
    }
}
