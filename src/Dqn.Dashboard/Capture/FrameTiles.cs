using System.Runtime.InteropServices;
using Dqn.Environments;
using Dqn.Media;

namespace Dqn.Watching;

/// <summary>An observation as a picture: its frames side by side, the oldest on the left. Numbers make none.</summary>
internal sealed class FrameTiles
{
    private readonly EnvironmentSpec _spec;
    private readonly ObservationLayout _layout;
    private readonly int _frameHeight, _frameWidth, _channels;
    private readonly byte[] _pixels;

    public FrameTiles(EnvironmentSpec spec)
    {
        _spec = spec;
        _layout = LayoutOf(spec);
        if (_layout == ObservationLayout.Features)
        {
            _pixels = [];
            return;
        }

        (int all, _frameHeight, _frameWidth) = (_layout, spec.ObservationShape) switch
        {
            (ObservationLayout.ChannelsFirst, [var planes, var rows, var columns]) => (planes, rows, columns),
            (ObservationLayout.ChannelsLast, [var rows, var columns, var planes]) => (planes, rows, columns),
            (_, [var rows, var columns]) => (1, rows, columns),
            _ => (0, 0, 0),
        };
        int perFrame = all / spec.StackedFrames;
        _channels = perFrame >= 3 ? 3 : 1; // of RGBA the opacity is left out
        Frames = perFrame >= 3 || _layout == ObservationLayout.ChannelsLast ? spec.StackedFrames : all;
        _planes = perFrame >= 3 || _layout == ObservationLayout.ChannelsLast ? perFrame : 1;
        _pixels = new byte[Height * Width * _channels];
    }

    private readonly int _planes;

    /// <summary>How many frames lie side by side; 0 where the observation is numbers.</summary>
    public int Frames { get; }

    public int Width => Frames * _frameWidth;

    public int Height => _frameHeight;

    public PixelFormat Format => (PixelFormat)_channels;

    /// <summary>The picture; valid until the next call.</summary>
    public ReadOnlySpan<byte> Draw(ReadOnlySpan<byte> observation)
    {
        // Where a pixel's channel lies in a frame.
        (int pixel, int channel) = _layout == ObservationLayout.ChannelsLast
            ? (_planes, 1) : (1, _frameHeight * _frameWidth);
        int frameBytes = _planes * _frameHeight * _frameWidth;
        for (int frame = 0; frame < Frames; frame++)
        {
            ReadOnlySpan<byte> source = observation.Slice(frame * frameBytes, frameBytes);
            for (int y = 0; y < _frameHeight; y++)
            {
                Span<byte> row = _pixels.AsSpan((y * Width + frame * _frameWidth) * _channels, _frameWidth * _channels);
                if (pixel == 1 && _channels == 1)
                {
                    source.Slice(y * _frameWidth, _frameWidth).CopyTo(row);
                    continue;
                }

                for (int x = 0; x < _frameWidth; x++)
                {
                    for (int c = 0; c < _channels; c++)
                        row[x * _channels + c] = source[(y * _frameWidth + x) * pixel + c * channel];
                }
            }
        }

        return _pixels;
    }

    /// <summary>An observation's numbers, one by one.</summary>
    public float Number(ReadOnlySpan<byte> observation, int index) => _spec.ElementType == ElementType.Byte
        ? observation[index]
        : MemoryMarshal.Cast<byte, float>(observation)[index];

    // Bytes whose axes nobody named are shown as numbers.
    private static ObservationLayout LayoutOf(EnvironmentSpec spec)
    {
        try
        {
            return spec.ElementType == ElementType.Byte ? spec.Layout : ObservationLayout.Features;
        }
        catch (ArgumentException)
        {
            return ObservationLayout.Features;
        }
    }
}
