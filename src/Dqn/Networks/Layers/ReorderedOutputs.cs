namespace Dqn.Networks;

/// <summary>
/// A weight whose outputs multiply an image: PyTorch's order of them is [channels, pixels], here it is [pixels, channels].
/// </summary>
/// <param name="inner">Where its numbers lie once the outputs are in the order here.</param>
/// <param name="channels">At least 1.</param>
/// <param name="pixels">At least 1.</param>
internal sealed class ReorderedOutputs(IPacking inner, int channels, int pixels) : IPacking
{
    public long Length => inner.Length;

    public void Pack(ReadOnlySpan<float> source, Span<float> destination)
    {
        var moved = new float[source.Length];
        int inputs = source.Length / channels / pixels;
        for (int channel = 0, from = 0; channel < channels; channel++)
            for (int pixel = 0; pixel < pixels; pixel++, from += inputs)
                source.Slice(from, inputs).CopyTo(moved.AsSpan((pixel * channels + channel) * inputs));
        inner.Pack(moved, destination);
    }

    public void Unpack(ReadOnlySpan<float> source, Span<float> destination)
    {
        var moved = new float[destination.Length];
        inner.Unpack(source, moved);
        int inputs = destination.Length / channels / pixels;
        for (int channel = 0, to = 0; channel < channels; channel++)
            for (int pixel = 0; pixel < pixels; pixel++, to += inputs)
                moved.AsSpan((pixel * channels + channel) * inputs, inputs).CopyTo(destination[to..]);
    }
}
