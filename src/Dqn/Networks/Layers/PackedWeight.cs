using System.Diagnostics;

namespace Dqn.Networks;

/// <summary>
/// Where a weight's numbers lie. PyTorch's order is [outputs, channels, height, width]. Here the outputs are cut into
/// blocks as wide as a register tile, and a block is [depth, width]: what a kernel reads next lies next. Depth runs
/// over (row, column, channel), the order in which images lie here. Padding columns of the last block are 0 and stay
/// 0.
/// </summary>
internal sealed class PackedWeight : IPacking
{
    public PackedWeight(int outputs, int channels, int height, int width, KernelSet kernels)
    {
        (Outputs, Channels, Height, Width) = (outputs, channels, height, width);
        Depth = checked(channels * height * width);
        BlockWidth = kernels.BlockWidth;
        FullBlocks = outputs / BlockWidth;
        int rest = outputs % BlockWidth;
        TailWidth = rest == 0 ? 0 : rest <= kernels.Lanes ? kernels.Lanes : BlockWidth;
        Blocks = FullBlocks + (rest == 0 ? 0 : 1);
        Lanes = kernels.Lanes;
        Length = checked((long)Depth * (FullBlocks * BlockWidth + TailWidth));
    }

    public int Outputs { get; }

    public int Channels { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>Inputs of one output: channels · height · width.</summary>
    public int Depth { get; }

    public int Blocks { get; }

    public int FullBlocks { get; }

    public int BlockWidth { get; }

    public int TailWidth { get; }

    /// <summary>Floats with padding.</summary>
    public long Length { get; }

    private int Lanes { get; }

    public nint BlockStart(int block) => (nint)block * BlockWidth * Depth;

    public int WidthOf(int block) => block < FullBlocks ? BlockWidth : TailWidth;

    public int VectorsOf(int block) => WidthOf(block) / Lanes;

    /// <summary>Columns of a block that are outputs, not padding.</summary>
    public int ValidOf(int block) => Math.Min(BlockWidth, Outputs - block * BlockWidth);

    /// <summary>
    /// {name}.weight and, if wanted, {name}.bias, which start as PyTorch's for convolutions and linear layers: uniform
    /// within ± 1 / √(inputs of one output).
    /// </summary>
    public LayerParameter[] Describe(string name, long[] shape, bool bias, bool updatedByLayer)
    {
        double bound = 1 / Math.Sqrt(Depth);
        LayerParameter weight = new($"{name}.weight", shape, this) { Bound = bound, UpdatedByLayer = updatedByLayer };
        if (!bias)
            return [weight];
        ImageOrder order = new(Outputs, length: (long)Blocks * BlockWidth);
        return [weight, new LayerParameter($"{name}.bias", [Outputs], order) { Bound = bound }];
    }

    /// <summary>PyTorch's order to this one.</summary>
    public void Pack(ReadOnlySpan<float> source, Span<float> destination)
    {
        Debug.Assert(source.Length == (long)Outputs * Depth && destination.Length >= Length);
        for (int output = 0, from = 0; output < Outputs; output++)
            for (int channel = 0; channel < Channels; channel++)
                for (int pixel = 0; pixel < Height * Width; pixel++)
                    destination[IndexOf(output, pixel * Channels + channel)] = source[from++];
    }

    /// <summary>This order to PyTorch's.</summary>
    public void Unpack(ReadOnlySpan<float> source, Span<float> destination)
    {
        Debug.Assert(destination.Length == (long)Outputs * Depth && source.Length >= Length);
        for (int output = 0, to = 0; output < Outputs; output++)
            for (int channel = 0; channel < Channels; channel++)
                for (int pixel = 0; pixel < Height * Width; pixel++)
                    destination[to++] = source[IndexOf(output, pixel * Channels + channel)];
    }

    private int IndexOf(int output, int depth)
    {
        int block = output / BlockWidth;
        return (int)(BlockStart(block) + (nint)depth * WidthOf(block) + output % BlockWidth);
    }
}
