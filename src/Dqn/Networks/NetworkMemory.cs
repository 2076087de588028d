using System.Collections.Immutable;
using Dqn.Files;

namespace Dqn.Networks;

/// <summary>
/// What a network takes, parameters and buffers, until it has valued one observation: at least what
/// <see cref="QNetwork"/> allocates for it, and less than twice as much where layers are wide. Counted before anything
/// is built, for architectures that files describe.
/// </summary>
internal sealed class NetworkMemory
{
    private const int MaxLayers = 1000;

    // Objects, delegates and the start of each buffer.
    private const int PerLayer = 6 << 10;

    // Of the widest instruction set: outputs are padded to a multiple.
    private const int BlockWidth = 32;

    // Positions whose places a convolution keeps beyond those of four items.
    private const int TileRows = 32;

    private readonly int _threads;
    private int _layers;
    private Int128 _bytes;

    private NetworkMemory(int threads) => _threads = threads;

    /// <summary>Counts a network in a budget.</summary>
    /// <exception cref="InvalidDataException">The budget does not suffice, or there are too many layers.</exception>
    public static void Take(Sequential network, int threads, MemoryBudget budget)
    {
        var memory = new NetworkMemory(threads == 0 ? Environment.ProcessorCount : threads);
        ImmutableArray<int> shape = network.ObservationShape;
        Int128 channels = shape[0], pixels = shape.Length == 3 ? (Int128)shape[1] * shape[2] : 1;
        memory._bytes += sizeof(float) * channels * pixels * (memory._threads + 1);
        memory.Follow(network.Layers, channels, shape.Length == 3 ? (shape[1], shape[2]) : (1, 1));
        if (memory._layers > MaxLayers)
            throw new InvalidDataException($"Expected at most {MaxLayers} layers, got {memory._layers}.");
        budget.Take(memory._bytes, "The network and its first evaluation");
    }

    private void Follow(ImmutableArray<Layer> layers, Int128 channels, (int Height, int Width) size)
    {
        foreach (Layer layer in layers)
        {
            _layers++;
            _bytes += PerLayer;
            Int128 inputs = channels * size.Height * size.Width;
            switch (layer)
            {
                case Conv2d conv:
                    TakeWeights(channels * conv.KernelSize * conv.KernelSize, conv.Filters, copies: 1);
                    size = ((size.Height - conv.KernelSize) / conv.Stride + 1,
                        (size.Width - conv.KernelSize) / conv.Stride + 1);
                    channels = conv.Filters;
                    Int128 positions = (Int128)size.Height * size.Width;
                    _bytes += 2 * sizeof(long) * ((4 * positions) + TileRows) + (sizeof(float) * positions * channels);
                    break;
                case Linear linear:
                    TakeWeights(inputs, linear.Features, copies: 1);
                    (channels, size) = (linear.Features, (1, 1));
                    break;
                case NoisyLinear noisy:
                    TakeWeights(inputs, noisy.Features, copies: 2);
                    _bytes += 3 * sizeof(float) * (inputs + noisy.Features);
                    (channels, size) = (noisy.Features, (1, 1));
                    break;
                case LayerNorm:
                    _bytes += 6 * sizeof(float) * inputs;
                    break;
                case Dueling dueling:
                    Follow(dueling.Value, channels, size);
                    Follow(dueling.Advantage, channels, size);
                    _bytes += 4 * sizeof(float) * (Int128)dueling.Features;
                    (channels, size) = (dueling.Features, (1, 1));
                    break;
            }
        }
    }

    // Packed for the kernels; as they are drawn first; and as they are read.
    private void TakeWeights(Int128 inputs, Int128 outputs, int copies)
    {
        Int128 padded = (outputs + BlockWidth - 1) / BlockWidth * BlockWidth;
        _bytes += copies * sizeof(float) * (((inputs + 1) * padded) + (2 * (inputs + 1) * outputs) + (2 * padded));
    }
}
