using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Samples.CarRacing;

/// <summary>What the network computes with: <c>--engine</c> and <c>--device</c>.</summary>
internal sealed record Engine(string Name, string? Device)
{
    public const string BuiltIn = "built-in", Torch = "torch", Cpu = "cpu", Cuda = "cuda";

    /// <summary>Makes the network.</summary>
    /// <exception cref="ArgumentException">A device for the engine that has no choice of them.</exception>
    /// <exception cref="NotSupportedException">LibTorch or the device is not there.</exception>
    public IQNetwork MakeNetwork(Sequential architecture, Pcg64 random, QNetworkOptions options)
    {
        if (Name == Torch)
            return MakeTorchNetwork(architecture, random, options);
        if (Device is Cuda)
            throw new ArgumentException($"--device {Cuda}: expected with --engine {Torch}; the built-in engine is the processor's.");
        return new QNetwork(architecture, random, options);
    }

    private TorchQNetwork MakeTorchNetwork(Sequential architecture, Pcg64 random, QNetworkOptions options) =>
        new(architecture, random, options, Device switch
        {
            Cpu => TorchDevice.Cpu,
            Cuda => TorchDevice.Cuda,
            _ => TorchDevice.CudaIfAvailable,
        });
}
