using System.Runtime.InteropServices;
using Dqn.Randomness;

namespace Dqn.Networks;

/// <summary>
/// The noise of all of a network's noisy layers, and the random stream that it is drawn from, and fractions of quantiles.
/// </summary>
internal sealed class NetworkNoise(IReadOnlyList<NoisyLinearLayer> layers)
{
    private readonly NoisyLinearLayer[] _layers = [.. layers];
    private Pcg64 _random = new(0);

    /// <summary>For each layer in order f(ε) of its inputs, [row, column, channel], and of its outputs.</summary>
    public float[][][] Values => [.. _layers.Select(layer => layer.Noise)];

    /// <summary>Whether there are noisy layers.</summary>
    public bool HasLayers => _layers.Length > 0;

    /// <summary>The stream.</summary>
    public Pcg64 Random => _random;

    /// <summary>Starts the stream.</summary>
    public void Seed(ulong seed) => _random.Seed(seed);

    /// <summary>Draws new noise for every layer, in their order.</summary>
    public void Resample()
    {
        foreach (NoisyLinearLayer layer in _layers)
            layer.ResampleNoise(_random);
    }

    /// <summary>Makes the noise 0; the stream stays.</summary>
    public void Clear()
    {
        foreach (NoisyLinearLayer layer in _layers)
            layer.ClearNoise();
    }

    /// <summary>A seed for another stream, which does not move this one.</summary>
    public ulong PeekSeed()
    {
        using MemoryStream stream = new();
        _random.SaveState(new BinaryWriter(stream));
        stream.Position = 0;
        Pcg64 copy = new(0);
        copy.LoadState(new BinaryReader(stream));
        return copy.NextUInt64();
    }

    /// <summary>Writes the stream and the noise as it is.</summary>
    public void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        foreach (float[] noise in _layers.SelectMany(layer => layer.Noise))
            writer.Write(MemoryMarshal.AsBytes<float>(noise));
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote and returns what takes it on, so that nothing changes yet.
    /// </summary>
    /// <exception cref="InvalidDataException">The stream is none, or the noise is not finite.</exception>
    public Action ReadState(BinaryReader reader)
    {
        Pcg64 random = new(0);
        random.LoadState(reader);
        List<float[]> all = [];
        foreach (float[] noise in _layers.SelectMany(layer => layer.Noise))
        {
            var values = new float[noise.Length];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            if (!values.All(float.IsFinite))
                throw new InvalidDataException("Network state: expected finite noise.");
            all.Add(values);
        }

        return () =>
        {
            _random = random;
            int i = 0;
            foreach (NoisyLinearLayer layer in _layers)
            {
                foreach (float[] noise in layer.Noise)
                    all[i++].CopyTo(noise, 0);
                layer.NoiseChanged();
            }
        };
    }
}
