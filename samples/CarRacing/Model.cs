using System.CommandLine;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Samples.CarRacing;

/// <summary>A trained network, from a .safetensors file or a .pt of PyTorch's.</summary>
internal static class Model
{
    public static Option<FileInfo> Option() => new("--model", "-m")
    {
        Description = "The network: a .safetensors file, or a PyTorch .pt state dict.",
        Required = true,
    };

    /// <summary>The network that the file says it is, else that its tensors' shapes say; see <see cref="NetworkFile"/>.</summary>
    public static QNetwork Load(FileInfo file, EnvironmentSpec spec, int threads = 0)
    {
        if (!file.Exists)
            throw new FileNotFoundException($"There is no model file {file.FullName}.");
        return NetworkFile.Read(
            file.FullName, new CnnActionValue(spec.StackedFrames, spec.ActionCount), new QNetworkOptions { Threads = threads });
    }
}
