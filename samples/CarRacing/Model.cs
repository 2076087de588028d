using System.CommandLine;
using Dqn.Environments;
using Dqn.Environments.CarRacing;
using Dqn.Networks;

namespace Dqn.Samples.CarRacing;

/// <summary>A trained network, from a .safetensors file or a .pt of PyTorch's.</summary>
internal static class Model
{
    private const int Side = 84;

    public static Option<FileInfo> Option() => new("--model", "-m")
    {
        Description = "The network: a .safetensors file, or a PyTorch .pt state dict.",
        Required = true,
    };

    /// <summary>The network that the file says it is, else that its tensors' shapes say; see <see cref="NetworkFile"/>.</summary>
    public static QNetwork Load(FileInfo file, int threads = 0)
    {
        if (!file.Exists)
            throw new FileNotFoundException($"There is no model file {file.FullName}.");
        return NetworkFile.Read(
            file.FullName, [new CnnActionValue(4, 5), new CompactCnnActionValue(4, 5)], new QNetworkOptions { Threads = threads });
    }

    /// <summary>The task with frames of the size that the network sees.</summary>
    public static FrameStack CreateEnvironment(QNetwork network, int frames = 1000) => CarRacingEnvironment.CreatePixelPipeline(
        frames: frames, downscale: Side / network.Architecture.ObservationShape[1]);
}
