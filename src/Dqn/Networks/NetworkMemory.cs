using System.Collections.Immutable;
using Dqn.Files;

namespace Dqn.Networks;

/// <summary>
/// What a network takes, parameters and buffers, until it has valued one observation: at least what
/// <see cref="QNetwork"/> allocates for it, and not much more where layers are wide. Counted before anything is built, for
/// architectures that files describe.
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
    private readonly int _fractions;
    private int _layers;

    // How many rows of an observation the layers compute: one, after an embedding one for each fraction.
    private int _rows = 1;
    private Int128 _bytes;

    private NetworkMemory(int threads, int fractions) => (_threads, _fractions) = (threads, fractions);

    /// <summary>Counts a network in a budget.</summary>
    /// <exception cref="InvalidDataException">The budget does not suffice, or there are too many layers.</exception>
    public static void Take(Sequential network, int threads, MemoryBudget budget)
    {
        var memory = new NetworkMemory(
            threads == 0 ? Environment.ProcessorCount : threads, network.Distribution.Atoms);
        memory.Follow(network.Layers, network.ObservationShape);
        if (memory._layers > MaxLayers)
            throw new InvalidDataException($"Expected at most {MaxLayers} layers, got {memory._layers}.");
        memory._bytes += (memory._threads + 1) * sizeof(float) * (Int128)network.ObservationLength;
        foreach ((string name, ImmutableArray<int> shape) in Shapes(network.Layers, network.ObservationShape).Parameters)
        {
            memory._bytes += 16 * name.Length;
            memory.TakeParameter(shape);
        }

        budget.Take(memory._bytes, "The network and its first evaluation");
    }

    private void Follow(ImmutableArray<Layer> layers, ImmutableArray<int> shape)
    {
        foreach (Layer layer in layers)
        {
            _layers++;
            ImmutableArray<int> after = new LayerShapes().Follow([layer], shape, "Layer");
            _bytes += PerLayer + (2 * sizeof(float) * _rows * (Length(after) + Length(shape)));
            switch (layer)
            {
                case QuantileEmbedding embedding:
                    _rows = _fractions;
                    _bytes += sizeof(float) * (Int128)_rows * ((4 * Length(shape)) + embedding.Cosines);
                    break;
                case Conv2d conv:
                    int padding = 2 * conv.Padding;
                    _bytes += (2 * sizeof(long) * ((4 * (Int128)after[1] * after[2]) + TileRows))
                        + (sizeof(float) * (Int128)shape[0] * (shape[1] + padding) * (shape[2] + padding) * _threads);
                    if (conv.SpectralNorm)
                        TakeParameter([conv.Filters, shape[0], conv.KernelSize, conv.KernelSize]); // What it computes with.
                    break;
                case Dueling dueling:
                    Follow(dueling.Value, shape);
                    Follow(dueling.Advantage, shape);
                    break;
                case Residual residual:
                    Follow(residual.Layers, shape);
                    break;
            }

            shape = after;
        }
    }

    // Packed for the kernels; as it is drawn first; and as it is read.
    private void TakeParameter(ImmutableArray<int> shape)
    {
        Int128 inputs = 1;
        foreach (int axis in shape.AsSpan()[1..])
            inputs *= axis;
        Int128 padded = ((Int128)shape[0] + BlockWidth - 1) / BlockWidth * BlockWidth;
        _bytes += sizeof(float) * inputs * (padded + (2 * (Int128)shape[0]));
    }

    private static LayerShapes Shapes(ImmutableArray<Layer> layers, ImmutableArray<int> shape)
    {
        LayerShapes shapes = new();
        shapes.Follow(layers, shape, "Layer");
        return shapes;
    }

    private static Int128 Length(ImmutableArray<int> shape)
    {
        Int128 length = 1;
        foreach (int axis in shape)
            length *= axis;
        return length;
    }
}
