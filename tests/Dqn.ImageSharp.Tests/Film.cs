using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Dqn.Tests.Media;

/// <summary>An animation read back: each frame as the whole picture that a viewer shows, RGB.</summary>
internal sealed record Film(int Width, int Height, int Loops, List<int> Milliseconds, List<byte[]> Frames)
{
    public static Film Read(string path) =>
        path.EndsWith(".gif", StringComparison.Ordinal) ? ReadGif(path) : WebPContainer.Read(File.ReadAllBytes(path));

    /// <summary>The pixels of a picture, which has to be opaque.</summary>
    public static byte[] Rgb(ImageFrame<Rgba32> frame)
    {
        var pixels = new Rgba32[frame.Width * frame.Height];
        frame.CopyPixelDataTo(pixels);
        Assert.That(pixels.All(pixel => pixel.A == 255), "opaque");
        return [.. pixels.SelectMany(pixel => new[] { pixel.R, pixel.G, pixel.B })];
    }

    private static Film ReadGif(string path)
    {
        using var image = Image.Load<Rgba32>(path);
        var film = new Film(image.Width, image.Height, image.Metadata.GetGifMetadata().RepeatCount, [], []);
        foreach (ImageFrame<Rgba32> frame in image.Frames)
        {
            film.Milliseconds.Add(10 * frame.Metadata.GetGifMetadata().FrameDelay);
            film.Frames.Add(Rgb(frame));
        }

        return film;
    }
}
