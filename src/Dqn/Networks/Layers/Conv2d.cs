using System.Text.Json.Serialization;

namespace Dqn.Networks;

/// <summary>
/// A convolution, as <c>torch.nn.Conv2d</c>: [channels, height, width] to [filters,
/// (height + 2 · padding − kernel) / stride + 1, (width + 2 · padding − kernel) / stride + 1]. With an odd kernel,
/// stride 1 and padding (kernel − 1) / 2 the image keeps its size. Its parameters are <c>{Name}.weight</c>
/// [filters, channels, kernel, kernel] and, unless it has none, <c>{Name}.bias</c> [filters].
/// </summary>
public sealed record Conv2d : Layer
{
    /// <summary>Describes a convolution.</summary>
    /// <param name="name">What its parameters' names start with, not empty: "conv1".</param>
    /// <param name="filters">Output channels, at least 1.</param>
    /// <param name="kernelSize">Pixels along each side of a filter, at least 1.</param>
    /// <param name="stride">Pixels from one filter position to the next along both axes, at least 1.</param>
    /// <param name="padding">Zeros that are added at each side, 0 … kernelSize − 1.</param>
    /// <param name="bias">Whether it adds a bias to each filter's outputs.</param>
    /// <param name="spectralNorm">Whether its weight is divided by its largest singular value.</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number out of its range.</exception>
    public Conv2d(
        string name, int filters, int kernelSize, int stride = 1, int padding = 0, bool bias = true,
        bool spectralNorm = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(filters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        if (padding < 0 || padding >= kernelSize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(padding), padding, $"Expected a padding of 0 … {kernelSize - 1}, so that every filter sees a pixel.");
        }

        (Name, Filters, KernelSize, Stride) = (name, filters, kernelSize, stride);
        (Padding, Bias, SpectralNorm) = (padding, bias, spectralNorm);
    }

    /// <summary>What the parameters' names start with.</summary>
    public string Name { get; }

    /// <summary>Output channels.</summary>
    public int Filters { get; }

    /// <summary>Pixels along each side of a filter.</summary>
    public int KernelSize { get; }

    /// <summary>Pixels from one filter position to the next along both axes.</summary>
    public int Stride { get; }

    /// <summary>Zeros that are added at each side.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Padding { get; }

    /// <summary>Whether it adds a bias to each filter's outputs.</summary>
    public bool Bias { get; }

    /// <summary>
    /// Whether the weight, as a matrix [filters, channels · kernel · kernel], is divided by σ = uᵀ W v, an estimate of its
    /// largest singular value, as <c>torch.nn.utils.parametrizations.spectral_norm</c>: each update makes u and v better by
    /// one power iteration first. The parameters are then <c>{Name}.bias</c>,
    /// <c>{Name}.parametrizations.weight.original</c>, and <c>{Name}.parametrizations.weight.0._u</c> [filters] and
    /// <c>._v</c> [channels · kernel · kernel], which the optimizer leaves alone. Source: T. Miyato et al., "Spectral
    /// normalization for generative adversarial networks" (2018); F. Gogianu et al., "Spectral normalisation for deep
    /// reinforcement learning: an optimisation perspective" (2021).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SpectralNorm { get; }

    /// <summary>How many positions a filter has along an axis of so many pixels; 0 where there are too few.</summary>
    internal int PositionsAlong(int size) => PoolAxis.CountSliding(size, KernelSize, Stride, Padding);
}
