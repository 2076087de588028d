namespace Dqn.Networks;

/// <summary>
/// Where a convolution finds an item's image, [row, column, channel]: in its inputs as they are; or, if observations are
/// converted on the way or zeros surround it, in a copy, one per worker.
/// </summary>
internal sealed unsafe class ConvolutionImages
{
    private readonly ObservationConverter? _source;
    private readonly int _channels, _height, _width, _padding;

    // Only insides are written: what surrounds them stays 0.
    private readonly AlignedBuffer[] _copies;

    public ConvolutionImages(
        ObservationConverter? source, int channels, int height, int width, int padding, int workers)
    {
        (_source, _channels, _height, _width, _padding) = (source, channels, height, width, padding);
        AreCopies = source is not null || padding > 0;
        RowStride = checked((width + 2 * padding) * channels);
        Length = checked((height + 2 * padding) * RowStride);
        _copies = AreCopies ? [.. Enumerable.Range(0, workers).Select(_ => new AlignedBuffer(Length))] : [];
    }

    public bool AreCopies { get; }

    /// <summary>Floats of a row, padding included.</summary>
    public int RowStride { get; }

    /// <summary>Floats of an image, padding included.</summary>
    public int Length { get; }

    /// <summary>An item's image, of which the rows asked for are there; they count padding.</summary>
    public float* Take(float* inputs, int item, int firstRow, int rows, int worker)
    {
        if (!AreCopies)
            return inputs + (nint)item * Length;
        float* image = _copies[worker].Pointer;
        if (_padding == 0)
        {
            _source!.Convert(item, firstRow * _width, rows * _width, image);
            return image;
        }

        int run = _width * _channels;
        int first = Math.Max(firstRow - _padding, 0), end = Math.Min(firstRow + rows - _padding, _height);
        float* input = inputs + (nint)item * _height * run;
        for (int row = first; row < end; row++)
        {
            float* to = image + Inside(row);
            if (_source is null)
                new ReadOnlySpan<float>(input + (nint)row * run, run).CopyTo(new Span<float>(to, run));
            else
                _source.Convert(item, row * _width, _width, to - (nint)row * run);
        }

        return image;
    }

    /// <summary>Copies what is inside the padding of one image.</summary>
    public void Crop(float* image, float* destination)
    {
        int run = _width * _channels;
        for (int row = 0; row < _height; row++)
        {
            new ReadOnlySpan<float>(image + Inside(row), run).CopyTo(
                new Span<float>(destination + (nint)row * run, run));
        }
    }

    private nint Inside(int row) => (nint)(row + _padding) * RowStride + _padding * _channels;
}
