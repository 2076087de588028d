using Dqn.Files;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;
using SharpPngEncoder = SixLabors.ImageSharp.Formats.Png.PngEncoder;

namespace Dqn.Media;

/// <summary>
/// Still pictures as PNG, JPEG, BMP, WebP and GIF, through SixLabors.ImageSharp. For a plot:
/// <c>ImageFile.Save(plot.ToImage(), "curve.webp")</c>. Lossless but for JPEG (quality 92, colour at full resolution, fine
/// enough for thin lines) and for GIF of more than 256 colours. JPEG has no opacity; in a GIF a pixel
/// is opaque from one half up and else transparent.
/// </summary>
public static class ImageFile
{
    private const string Extensions = ".png, .jpg, .jpeg, .bmp, .webp or .gif";

    /// <summary>Writes a picture in the format that the file's name asks for: whole, or not at all.</summary>
    /// <param name="image">The picture; at most 16,383 pixels wide and high for WebP, 65,535 for JPEG and GIF.</param>
    /// <param name="path">
    /// <c>.png</c>, <c>.jpg</c>, <c>.jpeg</c>, <c>.bmp</c>, <c>.webp</c> or <c>.gif</c>; replaced when it exists.
    /// </param>
    /// <exception cref="ArgumentException">Another extension, or the picture is too large for the format.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static void Save(PngImage image, string path)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Rgba32[] pixels = ToRgba(image);
        using var picture = Image.WrapMemory<Rgba32>(
            PictureFormats.Configuration, pixels.AsMemory(), image.Width, image.Height);
        bool opaque = Array.TrueForAll(pixels, pixel => pixel.A == byte.MaxValue);
        (IImageEncoder encoder, int maximumSize) = Encoder(path, opaque);
        if (Math.Max(image.Width, image.Height) > maximumSize)
        {
            throw new ArgumentException(
                $"Cannot write '{path}': expected at most {maximumSize} × {maximumSize} pixels in this format, got " +
                $"{image.Width} × {image.Height}. PNG has no such limit.", nameof(image));
        }

        if (encoder is GifEncoder gif)
        {
            AllOrNoOpacity(pixels);
            gif.Quantizer = Palette.For(picture);
        }

        using var file = new ReplacingFile(path, seeks: true);
        picture.Save(file.Stream, encoder);
        file.Commit();
    }

    /// <summary>Reads a picture, of an animated GIF its first frame, as RGBA.</summary>
    /// <param name="path">The file; what it contains, not its name, says which of the five formats it is.</param>
    /// <exception cref="InvalidDataException">
    /// The file is of no such format, an animated WebP, or damaged.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PngImage Load(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            using var image = Image.Load<Rgba32>(PictureFormats.Configuration, stream);
            var pixels = new byte[checked(4 * image.Width * image.Height)];
            image.CopyPixelDataTo(pixels);
            return new PngImage(image.Width, image.Height, PixelFormat.Rgba, pixels);
        }
        catch (Exception e) when (e is not (IOException or OutOfMemoryException))
        {
            // A damaged file makes the decoders throw whatever their code comes to.
            throw new InvalidDataException(
                $"Cannot read '{path}': expected a whole PNG, JPEG, BMP, WebP (not animated) or GIF. {e.Message}", e);
        }
    }

    // What the defaults would lose: WebP's are lossy, JPEG's colours are coarse, BMP's drop the opacity.
    private static (IImageEncoder Encoder, int MaximumSize) Encoder(string path, bool opaque) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => (new SharpPngEncoder
            {
                ColorType = opaque ? PngColorType.Rgb : PngColorType.RgbWithAlpha,
            }, int.MaxValue),
            ".jpg" or ".jpeg" =>
                (new JpegEncoder { Quality = 92, ColorType = JpegColorType.YCbCrRatio444 }, ushort.MaxValue),
            ".bmp" => (new BmpEncoder
            {
                BitsPerPixel = opaque ? BmpBitsPerPixel.Pixel24 : BmpBitsPerPixel.Pixel32,
                SupportTransparency = !opaque,
            }, int.MaxValue),
            ".webp" => (new WebpEncoder { FileFormat = WebpFileFormatType.Lossless }, AnimatedWebP.MaximumSide),
            ".gif" => (new GifEncoder(), ushort.MaxValue),
            string extension => throw new ArgumentException(
                $"Cannot write a picture named '{path}': expected the extension {Extensions}, got " +
                $"{(extension.Length == 0 ? "none" : extension)}.", nameof(path)),
        };

    // ImageSharp takes one colour of a GIF for the transparent one: that of which all four bytes are zero.
    private static void AllOrNoOpacity(Span<Rgba32> pixels)
    {
        foreach (ref Rgba32 pixel in pixels)
            pixel = pixel.A < 128 ? default : pixel with { A = byte.MaxValue };
    }

    // RGBA for all: one path that is known to be right for every encoder.
    private static Rgba32[] ToRgba(PngImage picture)
    {
        var pixels = new Rgba32[picture.Width * picture.Height];
        ReadOnlySpan<byte> bytes = picture.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            ReadOnlySpan<byte> pixel = bytes.Slice(i * (int)picture.Format, (int)picture.Format);
            pixels[i] = picture.Format switch
            {
                PixelFormat.Grey => new Rgba32(pixel[0], pixel[0], pixel[0]),
                PixelFormat.Rgb => new Rgba32(pixel[0], pixel[1], pixel[2]),
                _ => new Rgba32(pixel[0], pixel[1], pixel[2], pixel[3]),
            };
        }

        return pixels;
    }
}
