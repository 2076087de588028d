using System.Diagnostics;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>
/// All parameters of a network in one buffer, as the kernels want them, and the way to and from PyTorch's names,
/// shapes and order. Gradients and the optimizer's memory are laid out alike.
/// </summary>
internal sealed class Parameters
{
    // Every weight and bias starts at a multiple of this many floats: a cache line.
    private const int Alignment = 16;

    private readonly List<Entry> _entries = [];

    public Parameters(IReadOnlyList<ILayer> layers)
    {
        long at = 0;
        foreach (ILayer layer in layers)
        {
            PackedWeight weight = layer.Weight;
            _entries.Add(new Entry($"{layer.Name}.weight", layer.WeightShape, (long)weight.Outputs * weight.Depth, at,
                weight));
            at += Aligned(weight.Length);
            _entries.Add(new Entry($"{layer.Name}.bias", [weight.Outputs], weight.Outputs, at, null));
            at += Aligned((long)weight.Blocks * weight.BlockWidth);
        }

        if (at > int.MaxValue / 2)
            throw new ArgumentException($"Expected at most {int.MaxValue / 2} parameters, got {at}.");
        Length = (int)at;
        Values = new AlignedBuffer(Length);
        Signature = string.Join("; ", _entries.Select(entry => $"{entry.Name} {Tensor.Format([.. entry.Shape])}"));
    }

    /// <summary>Floats, padding included; a multiple of 16.</summary>
    public int Length { get; }

    public AlignedBuffer Values { get; }

    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>What has to agree for two networks to exchange parameters.</summary>
    public string Signature { get; }

    /// <summary>
    /// PyTorch's default for convolutions and linear layers: uniform within ± 1 / √(inputs of one output).
    /// </summary>
    public void Initialize(Pcg64 random)
    {
        double bound = 0;
        foreach (Entry entry in _entries)
        {
            if (entry.Weight is { } weight)
                bound = 1 / Math.Sqrt(weight.Depth);
            var values = new float[entry.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)random.Uniform(-bound, bound);
            entry.Write(values, Values);
        }
    }

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;

    /// <summary>One weight or bias: its name, shape and count in PyTorch's terms, and where it is.</summary>
    internal sealed record Entry(string Name, long[] Shape, long Count, long Start, PackedWeight? Weight)
    {
        /// <summary>Copies out in PyTorch's order.</summary>
        public void Read(AlignedBuffer source, Span<float> destination)
        {
            Debug.Assert(destination.Length == Count);
            if (Weight is null)
                source.Span.Slice((int)Start, (int)Count).CopyTo(destination);
            else
                Weight.Unpack(source.Span.Slice((int)Start, (int)Weight.Length), destination);
        }

        /// <summary>Copies in from PyTorch's order.</summary>
        public void Write(ReadOnlySpan<float> source, AlignedBuffer destination)
        {
            Debug.Assert(source.Length == Count);
            if (Weight is null)
                source.CopyTo(destination.Span[(int)Start..]);
            else
                Weight.Pack(source, destination.Span.Slice((int)Start, (int)Weight.Length));
        }
    }
}
