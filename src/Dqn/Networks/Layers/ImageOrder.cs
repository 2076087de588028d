using System.Diagnostics;

namespace Dqn.Networks;

/// <summary>
/// One number for each of an image's: PyTorch's order is [channels, pixels], here it is [pixels, channels]. With one
/// channel or one pixel nothing moves: a bias.
/// </summary>
internal sealed class ImageOrder : IPacking
{
    private readonly int _channels, _pixels;

    /// <summary>Describes it.</summary>
    /// <param name="channels">At least 1.</param>
    /// <param name="pixels">At least 1.</param>
    /// <param name="length">Floats with padding, at least channels · pixels; 0 for no padding.</param>
    public ImageOrder(int channels, int pixels = 1, long length = 0)
    {
        (_channels, _pixels) = (channels, pixels);
        Length = length == 0 ? (long)channels * pixels : length;
        Debug.Assert(Length >= (long)channels * pixels);
    }

    public long Length { get; }

    public void Pack(ReadOnlySpan<float> source, Span<float> destination)
    {
        for (int channel = 0, from = 0; channel < _channels; channel++)
            for (int pixel = 0; pixel < _pixels; pixel++)
                destination[pixel * _channels + channel] = source[from++];
    }

    public void Unpack(ReadOnlySpan<float> source, Span<float> destination)
    {
        for (int channel = 0, to = 0; channel < _channels; channel++)
            for (int pixel = 0; pixel < _pixels; pixel++)
                destination[to++] = source[pixel * _channels + channel];
    }
}
