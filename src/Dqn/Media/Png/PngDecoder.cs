using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dqn.Files;

namespace Dqn.Media;

/// <summary>Reads what <see cref="PngEncoder"/> writes, and the same from other programs.</summary>
internal static class PngDecoder
{
    // A deflate match copies at most 258 bytes and costs at least two bits.
    private const long MaximalRatio = 1032;

    /// <exception cref="InvalidDataException">
    /// Not a PNG of 8-bit grey, RGB or RGBA, not interlaced; damaged; or the picture would take more memory than 10 times
    /// the file's length and 60 MiB.
    /// </exception>
    public static PngImage Decode(byte[] file, int length) =>
        FileBoundary.Read(() => Decode(file.AsSpan(0, length), new MemoryBudget(length)));

    private static PngImage Decode(ReadOnlySpan<byte> file, MemoryBudget budget)
    {
        if (!file.StartsWith(PngChunks.Signature))
            throw new InvalidDataException("Not a PNG file: its first 8 bytes are not PNG's signature.");
        int position = PngChunks.Signature.Length;

        ReadOnlySpan<byte> header = ReadChunk(file, ref position, out string type);
        if (type != "IHDR" || header.Length != 13)
            throw new InvalidDataException($"Expected an IHDR chunk of 13 bytes first, got {FileText.Plain(type)} of {header.Length}.");
        (int width, int height, PixelFormat format) = ParseHeader(header);

        budget.Take(6L * file.Length, "The file and its image data"); // A stream is read into a buffer that doubles.
        using var data = new MemoryStream(file.Length);
        while (true)
        {
            ReadOnlySpan<byte> chunk = ReadChunk(file, ref position, out type);
            if (type == "IEND")
                break;
            if (type == "IDAT")
                data.Write(chunk);
            else if (char.IsAsciiLetterUpper(type[0]) && type != "PLTE") // RGB pictures may carry a palette as advice.
                throw new InvalidDataException($"The PNG needs a chunk that is not understood: {FileText.Plain(type)}.");
        }

        long rowBytes = (long)width * (int)format;
        if ((1 + rowBytes) * (Int128)height > data.Length * (Int128)MaximalRatio || rowBytes * height > Array.MaxLength)
            throw new InvalidDataException(
                $"{data.Length} bytes of image data cannot hold {width} × {height} {format} pixels.");
        budget.TakeArray(rowBytes * height, $"A picture of {width} × {height} {format} pixels");
        budget.Take(3 * rowBytes, "A picture's rows");
        data.Position = 0;
        return new PngImage(width, height, format, Decompress(data, (int)rowBytes, height, (int)format));
    }

    private static (int Width, int Height, PixelFormat Format) ParseHeader(ReadOnlySpan<byte> header)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(header);
        int height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        if (width < 1 || height < 1)
            throw new InvalidDataException($"The PNG's size is {width} × {height}.");
        if (header[8] != 8 || header[9] is not (0 or 2 or 6))
            throw new InvalidDataException(
                $"Expected 8-bit grey, RGB or RGBA (colour type 0, 2 or 6), got {header[8]}-bit of type {header[9]}.");
        if (header[10] != 0 || header[11] != 0 || header[12] != 0)
            throw new InvalidDataException(
                $"Expected compression, filter and interlace 0, got {header[10]}, {header[11]}, {header[12]}.");
        return (width, height, header[9] switch { 0 => PixelFormat.Grey, 2 => PixelFormat.Rgb, _ => PixelFormat.Rgba });
    }

    private static byte[] Decompress(Stream data, int rowBytes, int height, int pixelBytes)
    {
        try
        {
            return DecompressRows(data, rowBytes, height, pixelBytes);
        }
        catch (IOException e)
        {
            // zlib's own exception, which is no public type: the data come from memory.
            throw new InvalidDataException("The PNG's image data cannot be decompressed: they are damaged.", e);
        }
    }

    private static byte[] DecompressRows(Stream data, int rowBytes, int height, int pixelBytes)
    {
        var pixels = new byte[rowBytes * height];
        var row = new byte[pixelBytes + rowBytes];
        var above = new byte[pixelBytes + rowBytes];
        using var zlib = new ZLibStream(data, CompressionMode.Decompress);
        for (int y = 0; y < height; y++)
        {
            int filter = zlib.ReadByte();
            if (filter < 0 || zlib.ReadAtLeast(row.AsSpan(pixelBytes), rowBytes, throwOnEndOfStream: false) < rowBytes)
                throw new InvalidDataException($"The PNG's image data end in row {y} of {height}.");
            if (filter >= PngFilters.Count)
                throw new InvalidDataException($"Row {y} names filter {filter}: expected 0 to {PngFilters.Count - 1}.");
            PngFilters.Undo(filter, pixelBytes, row, above);
            row.AsSpan(pixelBytes).CopyTo(pixels.AsSpan(y * rowBytes));
            (row, above) = (above, row);
        }

        return pixels;
    }

    private static ReadOnlySpan<byte> ReadChunk(ReadOnlySpan<byte> file, ref int position, out string type)
    {
        ReadOnlySpan<byte> rest = file[position..];
        uint length = rest.Length >= 12 ? BinaryPrimitives.ReadUInt32BigEndian(rest) : 0;
        if (rest.Length < 12 || length > rest.Length - 12)
            throw new InvalidDataException($"The PNG ends inside the chunk at byte {position}.");

        ReadOnlySpan<byte> typeAndData = rest.Slice(4, 4 + (int)length);
        type = Encoding.Latin1.GetString(typeAndData[..4]);
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]);
        uint crc = Crc32.Compute(typeAndData);
        if (stored != crc)
            throw new InvalidDataException(
                $"The PNG's {FileText.Plain(type)} chunk at byte {position} is damaged: checksum {crc:x8}, stored {stored:x8}.");
        position += 12 + (int)length;
        return typeAndData[4..];
    }
}
