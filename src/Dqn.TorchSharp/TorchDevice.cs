namespace Dqn.Networks;

/// <summary>Where a <see cref="TorchQNetwork"/> computes.</summary>
public enum TorchDevice
{
    /// <summary>On the first CUDA device where there is one, else on the processor: the notebook's choice.</summary>
    CudaIfAvailable,

    /// <summary>On the processor.</summary>
    Cpu,

    /// <summary>On the first CUDA device; an error where there is none.</summary>
    Cuda,
}
