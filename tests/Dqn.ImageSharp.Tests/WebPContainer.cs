using System.Buffers.Binary;
using System.Text;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Dqn.Tests.Media;

/// <summary>
/// Reads an animated WebP, which ImageSharp 2.1 does not: takes the container apart, decodes each frame as a still picture
/// and lays it over the last one. Source: WebP Container Specification.
/// </summary>
internal static class WebPContainer
{
    private sealed record Chunk(string Name, byte[] Data);

    public static Film Read(byte[] file)
    {
        Assert.That(Encoding.ASCII.GetString(file, 0, 4), Is.EqualTo("RIFF"));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(4)), Is.EqualTo(file.Length - 8), "RIFF length");
        Assert.That(Encoding.ASCII.GetString(file, 8, 4), Is.EqualTo("WEBP"));
        List<Chunk> chunks = Chunks(file.AsSpan(12));
        Assert.That(chunks.Select(chunk => chunk.Name), Is.EqualTo(
            new[] { "VP8X", "ANIM" }.Concat(Enumerable.Repeat("ANMF", chunks.Count - 2))));

        byte[] canvas = chunks[0].Data, animation = chunks[1].Data;
        Assert.That((canvas.Length, canvas[0], animation.Length), Is.EqualTo((10, 2, 6)), "animated, no alpha");
        int width = 1 + UInt24(canvas, 4), height = 1 + UInt24(canvas, 7);
        var film = new Film(width, height, BinaryPrimitives.ReadUInt16LittleEndian(animation.AsSpan(4)), [], []);
        var shown = new byte[3 * width * height];
        foreach (Chunk frame in chunks.Skip(2))
        {
            Overlay(frame.Data, shown, width, height);
            film.Milliseconds.Add(UInt24(frame.Data, 12));
            film.Frames.Add((byte[])shown.Clone());
        }

        return film;
    }

    private static void Overlay(byte[] frame, byte[] shown, int shownWidth, int shownHeight)
    {
        int left = 2 * UInt24(frame, 0), top = 2 * UInt24(frame, 3);
        int width = 1 + UInt24(frame, 6), height = 1 + UInt24(frame, 9);
        Assert.That((left + width <= shownWidth, top + height <= shownHeight), Is.EqualTo((true, true)), "inside");
        Assert.That(frame[15], Is.EqualTo(2), "replaces what was there, and stays");
        byte[] still = frame[16..];
        Assert.That(Chunks(still).Single().Name, Is.AnyOf("VP8L", "VP8 "));

        byte[] pixels = Decode(still, width, height);
        for (int y = 0; y < height; y++)
            pixels.AsSpan(3 * y * width, 3 * width).CopyTo(shown.AsSpan(3 * ((top + y) * shownWidth + left)));
    }

    private static byte[] Decode(byte[] chunk, int width, int height)
    {
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. chunk];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        using var image = Image.Load<Rgba32>(file);
        Assert.That((image.Width, image.Height), Is.EqualTo((width, height)));
        return Film.Rgb(image.Frames.RootFrame);
    }

    private static List<Chunk> Chunks(ReadOnlySpan<byte> bytes)
    {
        var chunks = new List<Chunk>();
        while (bytes.Length > 0)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
            chunks.Add(new Chunk(Encoding.ASCII.GetString(bytes[..4]), bytes.Slice(8, length).ToArray()));
            if (length % 2 == 1)
                Assert.That(bytes[8 + length], Is.Zero, "padding");
            bytes = bytes[(8 + length + length % 2)..];
        }

        return chunks;
    }

    private static int UInt24(byte[] bytes, int at) => bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
}
