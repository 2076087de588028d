using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Networks;

namespace Dqn.Tests.TorchEngine;

/// <summary>
/// The contract on a GPU, to be run by name where there is one: <c>dotnet test --filter TorchCudaTests</c>. What it asks
/// for to the bit, cuDNN's backward convolutions need not give.
/// </summary>
[Explicit("Needs a CUDA device.")]
public class TorchCudaTests : QNetworkContract
{
    protected override IQNetwork Make(Sequential architecture, ulong seed, QNetworkOptions? options = null) =>
        new TorchQNetwork(architecture, new Pcg64(seed), options, TorchDevice.Cuda);

    protected override StateDict Gradients(IQNetwork network) => ((TorchQNetwork)network).GetGradients();
}

/// <summary>
/// Updates on a GPU: <c>dotnet test --filter TorchCudaUpdaterTests</c>. The same holds for what is asked for to the bit.
/// </summary>
[Explicit("Needs a CUDA device.")]
public sealed class TorchCudaUpdaterTests : TorchUpdaterTests
{
    protected override TorchDevice Device => TorchDevice.Cuda;
}
