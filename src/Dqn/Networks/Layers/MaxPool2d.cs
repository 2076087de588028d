namespace Dqn.Networks;

/// <summary>
/// The largest number of each window of each channel, as <c>torch.nn.MaxPool2d</c>: [channels, height, width] to
/// [channels, (height + 2 · padding − kernel) / stride + 1, (width + 2 · padding − kernel) / stride + 1]. Padding never
/// is the largest. The gradient goes to the first of equal ones.
/// </summary>
public sealed record MaxPool2d : Layer
{
    /// <summary>Describes the windows.</summary>
    /// <param name="kernelSize">Pixels along each side of a window, at least 1.</param>
    /// <param name="stride">
    /// Pixels from one window to the next along both axes, at least 1; 0, the default, for the kernel's size.
    /// </param>
    /// <param name="padding">Pixels that are added at each side, 0 … half the kernel's size.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of its range.</exception>
    public MaxPool2d(int kernelSize, int stride = 0, int padding = 0) =>
        (KernelSize, Stride, Padding) = PoolAxis.Check(kernelSize, stride, padding);

    /// <summary>Pixels along each side of a window.</summary>
    public int KernelSize { get; }

    /// <summary>Pixels from one window to the next along both axes.</summary>
    public int Stride { get; }

    /// <summary>Pixels that are added at each side.</summary>
    public int Padding { get; }

    /// <summary>How many windows are along an axis of so many pixels; 0 where there are too few.</summary>
    internal int PositionsAlong(int size) => PoolAxis.CountSliding(size, KernelSize, Stride, Padding);

    internal PoolAxis WindowsAlong(int size) => PoolAxis.Sliding(size, KernelSize, Stride, Padding);
}
