using System.Buffers.Binary;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.PixelFormats;

namespace Dqn.Media;

/// <summary>
/// Header, screen descriptor, a loop extension, then per frame a graphic control extension (how long) and the image
/// descriptor, colour table and data of a still GIF, which follow one another in it; numbers are little-endian.
/// Source: GIF89a Specification.
/// </summary>
internal sealed class AnimatedGif(AnimatedImageOptions options) : IAnimationFile
{
    private const int ScreenEnd = 13; // of header and screen descriptor
    private const byte Extension = 0x21;
    private const byte Descriptor = 0x2C;
    private const byte Trailer = 0x3B;

    private readonly MemoryStream _still = new();

    public int MaximumSize => ushort.MaxValue;

    public int Alignment => 1;

    public int UnitsPerSecond => 100;

    public int MaximumDuration => ushort.MaxValue;

    public int MaximumFramesPerSecond => 50;

    public void Begin(Stream file, int width, int height)
    {
        Span<byte> screen = stackalloc byte[ScreenEnd];
        screen.Clear(); // no common colour table
        "GIF89a"u8.CopyTo(screen);
        BinaryPrimitives.WriteUInt16LittleEndian(screen[6..], (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(screen[8..], (ushort)height);
        screen[10] = 0b0111_0000; // 8 bits a channel
        file.Write(screen);

        // The extension counts repetitions; without it the film is played once.
        if (options.Loops == 1)
            return;
        int repetitions = options.Loops == 0 ? 0 : options.Loops - 1;
        file.Write([Extension, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, (byte)repetitions, (byte)(repetitions >> 8), 0]);
    }

    public void Add(Stream file, PixelRectangle area, Memory<byte> rgba, int duration)
    {
        Span<byte> picture = Encode(area, rgba);
        BinaryPrimitives.WriteUInt16LittleEndian(picture[1..], (ushort)area.Left);
        BinaryPrimitives.WriteUInt16LittleEndian(picture[3..], (ushort)area.Top);

        // Keep the picture afterwards, nothing transparent.
        file.Write([Extension, 0xF9, 4, 0b0000_0100, (byte)duration, (byte)(duration >> 8), 0, 0]);
        file.Write(picture);
    }

    public void End(Stream file) => file.WriteByte(Trailer);

    // Image descriptor, colour table and data.
    private Span<byte> Encode(PixelRectangle area, Memory<byte> rgba)
    {
        _still.SetLength(0);
        using (var image = Image.WrapMemory<Rgba32>(PictureFormats.Configuration, rgba, area.Width, area.Height))
        {
            var encoder = new GifEncoder { ColorTableMode = GifColorTableMode.Local, Quantizer = Palette.For(image) };
            image.Save(_still, encoder);
        }

        Span<byte> blocks = _still.GetBuffer().AsSpan(0, (int)_still.Length);
        int common = blocks[10];
        blocks = blocks[(ScreenEnd + ((common & 0x80) == 0 ? 0 : 3 << ((common & 7) + 1)))..];
        while (blocks.Length > 2 && blocks[0] == Extension)
        {
            blocks = blocks[2..];
            while (blocks[0] != 0)
                blocks = blocks[(1 + blocks[0])..];
            blocks = blocks[1..];
        }

        // The descriptor has to say that its own colour table follows, and the last byte is the still's trailer.
        if (blocks.Length < 12 || blocks[0] != Descriptor || (blocks[9] & 0x80) == 0 || blocks[^1] != Trailer)
            throw new IOException("The GIF encoder has made no picture with a colour table.");
        return blocks[..^1];
    }
}
