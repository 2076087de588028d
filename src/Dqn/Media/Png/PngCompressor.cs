using System.IO.Compression;

namespace Dqn.Media;

/// <summary>Turns pixels into PNG's image data: rows filtered, then zlib. Reusable for pictures of any size.</summary>
internal sealed class PngCompressor
{
    private readonly MemoryStream _output = new();
    private byte[] _buffer = [];

    /// <summary>
    /// Compresses twice, without filters and with the filter that suits each row, and returns the smaller result:
    /// which one that is depends on the picture, and neither is far behind on all.
    /// </summary>
    /// <param name="pixels">The first byte of the picture's top left pixel onwards.</param>
    /// <param name="stride">Bytes from one row of <paramref name="pixels"/> to the next.</param>
    /// <param name="rowBytes">Bytes of one row of the picture.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixelBytes">Bytes of one pixel.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> pixels, int stride, int rowBytes, int height, int pixelBytes)
    {
        _output.SetLength(0);
        Compress(pixels, stride, rowBytes, height, pixelBytes, adaptive: false);
        int plain = (int)_output.Length;
        Compress(pixels, stride, rowBytes, height, pixelBytes, adaptive: true);
        int all = (int)_output.Length;
        ReadOnlySpan<byte> both = _output.GetBuffer().AsSpan(0, all);
        return all - plain < plain ? both[plain..] : both[..plain];
    }

    private void Compress(
        ReadOnlySpan<byte> pixels, int stride, int rowBytes, int height, int pixelBytes, bool adaptive)
    {
        int padded = pixelBytes + rowBytes;
        int line = 1 + rowBytes; // the filter's number, then the row
        int needed = checked(2 * padded + 2 * line);
        if (_buffer.Length < needed)
            _buffer = new byte[needed];

        Span<byte> row = _buffer.AsSpan(0, padded), above = _buffer.AsSpan(padded, padded);
        Span<byte> best = _buffer.AsSpan(2 * padded, line), tried = _buffer.AsSpan(2 * padded + line, line);
        row[..pixelBytes].Clear();
        above.Clear();

        using var zlib = new ZLibStream(_output, CompressionLevel.Optimal, leaveOpen: true);
        for (int y = 0; y < height; y++)
        {
            pixels.Slice(y * stride, rowBytes).CopyTo(row[pixelBytes..]);
            long bestCost = long.MaxValue;
            for (int filter = 0; filter < (adaptive ? PngFilters.Count : 1); filter++)
            {
                tried[0] = (byte)filter;
                PngFilters.Apply(filter, pixelBytes, row, above, tried[1..]);
                long cost = adaptive ? PngFilters.Cost(tried[1..]) : 0;
                if (cost >= bestCost)
                    continue;
                bestCost = cost;
                Span<byte> swapped = best;
                best = tried;
                tried = swapped;
            }

            zlib.Write(best);
            Span<byte> previous = above;
            above = row;
            row = previous;
        }
    }
}
