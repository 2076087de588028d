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

    public Parameters(IReadOnlyList<LayerParameter> parameters)
    {
        long at = 0;
        foreach (LayerParameter parameter in parameters)
        {
            _entries.Add(new Entry(parameter, at));
            at += (parameter.Packing.Length + Alignment - 1) / Alignment * Alignment;
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

    /// <summary>Draws the parameters, in order.</summary>
    public void Initialize(Pcg64 random)
    {
        foreach (Entry entry in _entries)
        {
            var values = new float[entry.Count];
            double bound = entry.Parameter.Bound;
            if (entry.Parameter.Initialize is { } initialize)
                initialize(random, values);
            else if (bound == 0)
                values.AsSpan().Fill(entry.Parameter.Constant);
            else
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)random.Uniform(-bound, bound);
            entry.Write(values, Values);
        }
    }

    /// <summary>One parameter and where it is.</summary>
    internal sealed record Entry(LayerParameter Parameter, long Start)
    {
        public string Name => Parameter.Name;

        public long[] Shape => Parameter.Shape;

        public long Count { get; } = Parameter.Count;

        /// <summary>Copies out in PyTorch's order.</summary>
        public void Read(AlignedBuffer source, Span<float> destination)
        {
            Debug.Assert(destination.Length == Count);
            Parameter.Packing.Unpack(Slice(source), destination);
        }

        /// <summary>Copies in from PyTorch's order.</summary>
        public void Write(ReadOnlySpan<float> source, AlignedBuffer destination)
        {
            Debug.Assert(source.Length == Count);
            Parameter.Packing.Pack(source, Slice(destination));
        }

        private Span<float> Slice(AlignedBuffer buffer) =>
            buffer.Span.Slice((int)Start, (int)Parameter.Packing.Length);
    }
}
