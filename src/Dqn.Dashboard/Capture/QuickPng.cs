using System.IO.Compression;
using Dqn.Media;

namespace Dqn.Watching;

/// <summary>
/// PNG for pictures that are looked at once: one filter for all rows and the fastest compression, which takes about a tenth
/// of <see cref="PngEncoder"/>'s time. Not safe for concurrent use.
/// </summary>
internal sealed class QuickPng
{
    private readonly MemoryStream _data = new();
    private readonly MemoryStream _file = new();
    private byte[] _rows = [];

    /// <summary>A picture as a file.</summary>
    /// <param name="pixels">[height × width × channels] bytes, rows from the top.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="format">What a pixel's bytes are.</param>
    public byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format)
    {
        int pixelBytes = (int)format, rowBytes = width * pixelBytes, padded = pixelBytes + rowBytes;
        if (_rows.Length != 2 * padded + 1 + rowBytes)
            _rows = new byte[2 * padded + 1 + rowBytes];
        Span<byte> row = _rows.AsSpan(0, padded), above = _rows.AsSpan(padded, padded), line = _rows.AsSpan(2 * padded);
        above.Clear();
        line[0] = PngFilters.Up;
        _data.SetLength(0);
        using (var zlib = new ZLibStream(_data, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                pixels.Slice(y * rowBytes, rowBytes).CopyTo(row[pixelBytes..]);
                PngFilters.Apply(PngFilters.Up, pixelBytes, row, above, line[1..]);
                zlib.Write(line);
                Span<byte> previous = above;
                above = row;
                row = previous;
            }
        }

        _file.SetLength(0);
        PngChunks.WriteHeader(_file, width, height, format);
        PngChunks.Write(_file, "IDAT"u8, _data.GetBuffer().AsSpan(0, (int)_data.Length));
        PngChunks.Write(_file, "IEND"u8, default);
        return _file.ToArray();
    }
}
