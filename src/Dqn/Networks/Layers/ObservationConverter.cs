using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.Networks;

/// <summary>
/// Observations to floats: bytes divided by 255, images from [channel, row, column] to [row, column, channel] if a
/// convolution comes first.
/// </summary>
internal sealed unsafe class ObservationConverter
{
    // Pixels that are interleaved at once, before their bytes become floats.
    private const int Strip = 256;
    private const int MaxStripBytes = 4096;

    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int> _convert;
    private readonly bool _pixels;
    private readonly int _channels, _plane;
    private byte* _observations;
    private float* _destination;

    public ObservationConverter(Sequential architecture, KernelSet kernels, WorkerTeam team)
    {
        (_kernels, _team, _pixels, _convert) = (kernels, team, architecture.Pixels, ConvertTask);
        bool image = architecture.Layers.First(layer => layer is Conv2d or Linear) is Conv2d;
        _channels = image ? architecture.ObservationShape[0] : 1;
        _plane = architecture.ObservationLength / _channels;
    }

    /// <summary>[batch, observation bytes] to [batch, floats].</summary>
    public void Convert(ReadOnlySpan<byte> observations, int batch, float* destination)
    {
        fixed (byte* source = observations)
        {
            _observations = source;
            _destination = destination;
            _team.Run(batch, 4L * batch * _channels * _plane, _convert);
        }
    }

    [SkipLocalsInit]
    private void ConvertTask(int item)
    {
        int length = _channels * _plane;
        float* to = _destination + (nint)item * length;
        if (!_pixels)
        {
            Turn((float*)_observations + (nint)item * length, to);
            return;
        }

        byte* from = _observations + (nint)item * length;
        if (_channels == 1)
        {
            _kernels.ScaleBytes(from, length, to);
            return;
        }

        byte* strip = stackalloc byte[MaxStripBytes];
        int step = Math.Clamp(MaxStripBytes / _channels, 1, Strip);
        if (step * _channels > MaxStripBytes)
        {
            // Thousands of channels: hardly an image, but right all the same.
            for (int channel = 0; channel < _channels; channel++)
                for (int pixel = 0; pixel < _plane; pixel++)
                    to[(nint)pixel * _channels + channel] = from[(nint)channel * _plane + pixel] / 255f;
            return;
        }

        for (int pixel = 0; pixel < _plane; pixel += step)
        {
            int count = Math.Min(step, _plane - pixel);
            Interleave(from + pixel, count, strip);
            _kernels.ScaleBytes(strip, count * _channels, to + (nint)pixel * _channels);
        }
    }

    /// <summary>[channels, plane] to [count, channels].</summary>
    private void Interleave(byte* from, int count, byte* to)
    {
        int pixel = 0;
        if (_channels == 4)
        {
            // Little-endian: the first channel is a pixel's lowest byte.
            for (; pixel <= count - Vector128<byte>.Count; pixel += Vector128<byte>.Count)
            {
                var c0 = Vector128.Load(from + pixel);
                var c1 = Vector128.Load(from + _plane + pixel);
                var c2 = Vector128.Load(from + 2 * _plane + pixel);
                var c3 = Vector128.Load(from + 3 * _plane + pixel);
                Vector128<ushort> low01 = Vector128.WidenLower(c0) | (Vector128.WidenLower(c1) << 8);
                Vector128<ushort> low23 = Vector128.WidenLower(c2) | (Vector128.WidenLower(c3) << 8);
                Vector128<ushort> high01 = Vector128.WidenUpper(c0) | (Vector128.WidenUpper(c1) << 8);
                Vector128<ushort> high23 = Vector128.WidenUpper(c2) | (Vector128.WidenUpper(c3) << 8);
                var pixels = (uint*)to + pixel;
                (Vector128.WidenLower(low01) | (Vector128.WidenLower(low23) << 16)).Store(pixels);
                (Vector128.WidenUpper(low01) | (Vector128.WidenUpper(low23) << 16)).Store(pixels + 4);
                (Vector128.WidenLower(high01) | (Vector128.WidenLower(high23) << 16)).Store(pixels + 8);
                (Vector128.WidenUpper(high01) | (Vector128.WidenUpper(high23) << 16)).Store(pixels + 12);
            }
        }

        for (; pixel < count; pixel++)
            for (int channel = 0; channel < _channels; channel++)
                to[pixel * _channels + channel] = from[(nint)channel * _plane + pixel];
    }

    /// <summary>[channels, plane] to [plane, channels].</summary>
    private void Turn(float* from, float* to)
    {
        for (int channel = 0; channel < _channels; channel++)
            for (int pixel = 0; pixel < _plane; pixel++)
                to[(nint)pixel * _channels + channel] = *from++;
    }
}
