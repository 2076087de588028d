using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Networks;

/// <summary>
/// Observations to floats: bytes divided by 255, images from [channel, row, column] to [row, column, channel] unless
/// they are flattened first. For a convolution they are converted where they are needed, an item at a time: as floats, a
/// batch of images would push everything else out of the cache.
/// </summary>
internal sealed unsafe class ObservationConverter
{
    // Pixels that are interleaved at once, before their bytes become floats.
    private const int Strip = 256;
    private const int MaxStripBytes = 4096;

    // Words of four channels that a pixel may have to be interleaved fast.
    private const int MaxWords = 16;

    private readonly KernelSet _kernels;
    private readonly bool _pixels;
    private readonly int _channels, _plane;
    private byte* _observations;

    public ObservationConverter(Sequential architecture, KernelSet kernels)
    {
        (_kernels, _pixels) = (kernels, architecture.Pixels);
        IsImage = architecture.ObservationShape.Length == 3 && architecture.Layers[0] is not Flatten;
        FeedsConvolution = architecture.Layers[0] is Conv2d;
        _channels = IsImage ? architecture.ObservationShape[0] : 1;
        _plane = architecture.ObservationLength / _channels;
    }

    /// <summary>Whether the first layer sees images.</summary>
    public bool IsImage { get; }

    /// <summary>Whether the first layer is a convolution, which asks for what it needs.</summary>
    public bool FeedsConvolution { get; }

    /// <summary>Channels of an image; 1 for what is none.</summary>
    public int Channels => _channels;

    /// <summary>Floats of one observation.</summary>
    public int Length => _channels * _plane;

    /// <summary>Says where the observations are, [batch, observation bytes], until the next call.</summary>
    public void SetSource(byte* observations) => _observations = observations;

    /// <summary>A whole batch, [batch, floats].</summary>
    public void ConvertAll(int batch, float* destination)
    {
        for (int item = 0; item < batch; item++)
            Convert(item, 0, _plane, destination + (nint)item * Length);
    }

    /// <summary>Some pixels of one item, to their places in <paramref name="image"/>.</summary>
    [SkipLocalsInit]
    public void Convert(int item, int firstPixel, int pixels, float* image)
    {
        int end = firstPixel + pixels;
        if (!_pixels)
        {
            float* floats = (float*)_observations + (nint)item * Length;
            for (int channel = 0; channel < _channels; channel++)
                for (int pixel = firstPixel; pixel < end; pixel++)
                    image[(nint)pixel * _channels + channel] = floats[(nint)channel * _plane + pixel];
            return;
        }

        byte* bytes = _observations + (nint)item * Length;
        if (_channels == 1)
        {
            _kernels.ScaleBytes(bytes + firstPixel, pixels, image + firstPixel);
            return;
        }

        byte* strip = stackalloc byte[MaxStripBytes + sizeof(uint)];
        int step = Math.Clamp(MaxStripBytes / _channels, 1, Strip);
        if (step * _channels > MaxStripBytes)
        {
            // Thousands of channels: hardly an image, but right all the same.
            for (int channel = 0; channel < _channels; channel++)
                for (int pixel = firstPixel; pixel < end; pixel++)
                    image[(nint)pixel * _channels + channel] = bytes[(nint)channel * _plane + pixel] / 255f;
            return;
        }

        for (int pixel = firstPixel; pixel < end; pixel += step)
        {
            int count = Math.Min(step, end - pixel);
            Interleave(bytes + pixel, count, strip);
            _kernels.ScaleBytes(strip, count * _channels, image + (nint)pixel * _channels);
        }
    }

    /// <summary>
    /// [channels, plane] to [count, channels]. Four channels of a pixel are one word; where the last of a pixel's words
    /// has bytes too many, the next pixel's overwrite them, and behind the last pixel there is room.
    /// </summary>
    [SkipLocalsInit]
    private void Interleave(byte* from, int count, byte* to)
    {
        int pixel = 0, words = (_channels + 3) / 4;
        if (words <= MaxWords)
        {
            uint* packed = stackalloc uint[MaxWords * Vector128<byte>.Count];
            for (; pixel <= count - Vector128<byte>.Count; pixel += Vector128<byte>.Count)
            {
                if (_channels == 4)
                {
                    Pack(from + pixel, 0, (uint*)to + pixel);
                    continue;
                }

                for (int word = 0; word < words; word++)
                    Pack(from + pixel, 4 * word, packed + word * Vector128<byte>.Count);
                byte* bytes = to + pixel * _channels;
                for (int i = 0; i < Vector128<byte>.Count; i++, bytes += _channels)
                    for (int word = 0; word < words; word++)
                        *(uint*)(bytes + 4 * word) = packed[word * Vector128<byte>.Count + i];
            }
        }

        for (; pixel < count; pixel++)
            for (int channel = 0; channel < _channels; channel++)
                to[pixel * _channels + channel] = from[(nint)channel * _plane + pixel];
    }

    /// <summary>
    /// 16 pixels' words of four channels, the last one in place of those that there are not. Little-endian: the first
    /// channel is a word's lowest byte.
    /// </summary>
    private void Pack(byte* from, int channel, uint* to)
    {
        nint last = _channels - 1;
        var c0 = Vector128.Load(from + channel * (nint)_plane);
        var c1 = Vector128.Load(from + Math.Min(channel + 1, last) * _plane);
        var c2 = Vector128.Load(from + Math.Min(channel + 2, last) * _plane);
        var c3 = Vector128.Load(from + Math.Min(channel + 3, last) * _plane);
        Vector128<ushort> low01 = Vector128.WidenLower(c0) | (Vector128.WidenLower(c1) << 8);
        Vector128<ushort> low23 = Vector128.WidenLower(c2) | (Vector128.WidenLower(c3) << 8);
        Vector128<ushort> high01 = Vector128.WidenUpper(c0) | (Vector128.WidenUpper(c1) << 8);
        Vector128<ushort> high23 = Vector128.WidenUpper(c2) | (Vector128.WidenUpper(c3) << 8);
        (Vector128.WidenLower(low01) | (Vector128.WidenLower(low23) << 16)).Store(to);
        (Vector128.WidenUpper(low01) | (Vector128.WidenUpper(low23) << 16)).Store(to + 4);
        (Vector128.WidenLower(high01) | (Vector128.WidenLower(high23) << 16)).Store(to + 8);
        (Vector128.WidenUpper(high01) | (Vector128.WidenUpper(high23) << 16)).Store(to + 12);
    }
}
