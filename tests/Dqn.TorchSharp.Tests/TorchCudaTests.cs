using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Networks;
using Torch = TorchSharp.torch;

namespace Dqn.Tests.TorchEngine;

/// <summary>
/// The contract on a GPU, to be run by name where there is one: <c>dotnet test --filter TorchCudaTests</c>. What it asks
/// for to the bit, cuDNN's backward convolutions need not give.
/// </summary>
[Explicit("Needs a CUDA device.")]
public class TorchCudaTests : QNetworkContract
{
    [OneTimeSetUp]
    public void UseSinglePrecision()
    {
        TorchLibrary.Load();

        // Else convolutions are computed in 19 bits, which no comparison with PyTorch's double precision withstands.
        Torch.backends.cudnn.allow_tf32 = false;
    }

    protected override IQNetwork Make(Sequential architecture, ulong seed, QNetworkOptions? options = null) =>
        new TorchQNetwork(architecture, new Pcg64(seed), options, TorchDevice.Cuda);

    protected override StateDict Gradients(IQNetwork network) => ((TorchQNetwork)network).GetGradients();
}
