namespace Dqn.Networks;

/// <summary>
/// A convolution without padding, as <c>torch.nn.Conv2d</c>: [channels, height, width] to [filters,
/// (height − kernel) / stride + 1, (width − kernel) / stride + 1]. Its parameters are <c>{Name}.weight</c>
/// [filters, channels, kernel, kernel] and, unless it has none, <c>{Name}.bias</c> [filters].
/// </summary>
public sealed record Conv2d : Layer
{
    /// <summary>Describes a convolution.</summary>
    /// <param name="name">What its parameters' names start with, not empty: "conv1".</param>
    /// <param name="filters">Output channels, at least 1.</param>
    /// <param name="kernelSize">Pixels along each side of a filter, at least 1.</param>
    /// <param name="stride">Pixels from one filter position to the next along both axes, at least 1.</param>
    /// <param name="bias">Whether it adds a bias to each filter's outputs.</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number below 1.</exception>
    public Conv2d(string name, int filters, int kernelSize, int stride = 1, bool bias = true)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(filters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        (Name, Filters, KernelSize, Stride, Bias) = (name, filters, kernelSize, stride, bias);
    }

    /// <summary>What the parameters' names start with.</summary>
    public string Name { get; }

    /// <summary>Output channels.</summary>
    public int Filters { get; }

    /// <summary>Pixels along each side of a filter.</summary>
    public int KernelSize { get; }

    /// <summary>Pixels from one filter position to the next along both axes.</summary>
    public int Stride { get; }

    /// <summary>Whether it adds a bias to each filter's outputs.</summary>
    public bool Bias { get; }
}
