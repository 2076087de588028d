using System.Buffers.Binary;
using Dqn.Files;

namespace Dqn.Media;

/// <summary>PNG's outer structure: the signature, then chunks of length, type, data, checksum.</summary>
internal static class PngChunks
{
    public static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Bytes of the signature and the IHDR chunk together: where the second chunk begins.</summary>
    public const int HeaderBytes = 8 + 12 + 13;

    public static void WriteHeader(Stream stream, int width, int height, PixelFormat format)
    {
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8; // bits per channel
        header[9] = ColorType(format);
        header[10..].Clear(); // deflate, the five filters, not interlaced
        stream.Write(Signature);
        Write(stream, "IHDR"u8, header);
    }

    public static void Write(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) =>
        Write(stream, type, default, data);

    /// <summary>A chunk whose data come in two parts (fdAT: a sequence number before the image data).</summary>
    public static void Write(
        Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, checked(first.Length + second.Length));
        stream.Write(word);
        stream.Write(type);
        stream.Write(first);
        stream.Write(second);
        uint crc = Crc32.Compute(second, Crc32.Compute(first, Crc32.Compute(type)));
        BinaryPrimitives.WriteUInt32BigEndian(word, crc);
        stream.Write(word);
    }

    private static byte ColorType(PixelFormat format) => format switch
    {
        PixelFormat.Grey => 0,
        PixelFormat.Rgb => 2,
        PixelFormat.Rgba => 6,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Expected Grey, Rgb or Rgba."),
    };
}
