using Dqn.Networks;

namespace Dqn.Tests.TorchEngine;

/// <summary>Updates on LibTorch's processor, with one thread: the contract to the bit.</summary>
public sealed class TorchUpdaterTests : TorchUpdaterContract
{
    protected override TorchDevice Device => TorchDevice.Cpu;
}
