using System.Buffers.Binary;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;

namespace Dqn.Media;

/// <summary>
/// A RIFF file of chunks: VP8X (canvas), ANIM (loops), then per frame ANMF, which holds the picture chunk of a still WebP.
/// A chunk is a four-letter name, the length of its data, the data, and a byte of padding after an odd length; all numbers
/// are little-endian. Source: WebP Container Specification.
/// </summary>
internal sealed class AnimatedWebP(AnimatedImageOptions options) : IAnimationFile
{
    public const int MaximumSide = 16_383;

    private const int ChunkHeader = 8;
    private const int RiffHeader = 12;

    private readonly MemoryStream _still = new();
    private readonly WebpEncoder _encoder = new()
    {
        FileFormat = options.Quality is null ? WebpFileFormatType.Lossless : WebpFileFormatType.Lossy,
        Quality = options.Quality ?? 75, // without loss: the effort
    };

    public int MaximumSize => MaximumSide;

    public int Alignment => 2;

    public int UnitsPerSecond => 1000;

    public int MaximumDuration => (1 << 24) - 1;

    public int MaximumFramesPerSecond => 1000;

    public void Begin(Stream file, int width, int height)
    {
        file.Write("RIFF\0\0\0\0WEBP"u8); // the length is known at the end

        Span<byte> canvas = stackalloc byte[10];
        canvas.Clear();
        canvas[0] = 0b0000_0010; // animated, opaque
        WriteUInt24(canvas[4..], width - 1);
        WriteUInt24(canvas[7..], height - 1);
        WriteChunkHeader(file, "VP8X"u8, canvas.Length);
        file.Write(canvas);

        Span<byte> animation = stackalloc byte[6]; // background colour, of which nothing is seen; loops
        animation.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(animation[4..], (ushort)options.Loops);
        WriteChunkHeader(file, "ANIM"u8, animation.Length);
        file.Write(animation);
    }

    public void Add(Stream file, PixelRectangle area, Memory<byte> rgba, int duration)
    {
        ReadOnlySpan<byte> picture = Encode(area, rgba);
        Span<byte> frame = stackalloc byte[16];
        WriteUInt24(frame, area.Left / 2);
        WriteUInt24(frame[3..], area.Top / 2);
        WriteUInt24(frame[6..], area.Width - 1);
        WriteUInt24(frame[9..], area.Height - 1);
        WriteUInt24(frame[12..], duration);
        frame[15] = 0b0000_0010; // replace, not blend; keep afterwards
        WriteChunkHeader(file, "ANMF"u8, frame.Length + picture.Length);
        file.Write(frame);
        file.Write(picture);
    }

    public void End(Stream file)
    {
        long length = file.Length - ChunkHeader;
        if (length > uint.MaxValue - 1)
            throw new IOException("The film is longer than the 4 GiB that a WebP file can have.");
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        file.Position = 4;
        file.Write(bytes);
        file.Position = file.Length;
    }

    // The chunk with the picture, its header and padding included.
    private ReadOnlySpan<byte> Encode(PixelRectangle area, Memory<byte> rgba)
    {
        _still.SetLength(0);
        using (var image = Image.WrapMemory<Rgba32>(PictureFormats.Configuration, rgba, area.Width, area.Height))
            image.Save(_still, _encoder);

        ReadOnlySpan<byte> chunks = _still.GetBuffer().AsSpan(RiffHeader, (int)_still.Length - RiffHeader);
        while (chunks.Length >= ChunkHeader)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(chunks[4..]);
            int whole = ChunkHeader + length + (length & 1);
            if (chunks.StartsWith("VP8L"u8) || chunks.StartsWith("VP8 "u8))
                return chunks[..whole];
            chunks = chunks[whole..];
        }

        throw new IOException("The WebP encoder has made no picture.");
    }

    private static void WriteChunkHeader(Stream file, ReadOnlySpan<byte> name, int length)
    {
        Span<byte> bytes = stackalloc byte[ChunkHeader];
        name.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], length);
        file.Write(bytes);
    }

    private static void WriteUInt24(Span<byte> bytes, int value)
    {
        bytes[0] = (byte)value;
        bytes[1] = (byte)(value >> 8);
        bytes[2] = (byte)(value >> 16);
    }
}
